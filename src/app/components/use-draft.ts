import { type Signal, signal } from '@preact/signals';
import { useLayoutEffect, useMemo } from 'preact/hooks';
import { useApp } from '../app-context.ts';

export interface Draft {
  readonly draft: Signal<string>;
  readonly clear: () => void;
  /** Words that were sent and not taken, back to their chat, which may no longer be the open one; what was typed there since stays. */
  readonly giveBack: (words: string) => void;
}

/** The unsent text of the open chat. Each chat has its own; it survives a reload, except in a temporary chat. */
export function useDraft(): Draft {
  const { chat, library } = useApp();
  const { isTemporary, chat: record } = chat.outline.value;
  const key = isTemporary ? null : record.activity === 0 ? '' : record.id;
  const isLoaded = library.isLoaded.value;
  const stored = () => (key === null ? '' : (library.drafts.get(key) ?? ''));
  // Exchanged as the chat is, and not a moment later: words typed right after a click on a chat are that chat's.
  const draft = useMemo(() => signal(stored()), [key]);

  useLayoutEffect(() => {
    // What was typed while the drafts were still being read is not thrown away for them.
    if (draft.peek() === '') draft.value = stored();
  }, [isLoaded]);

  const text = draft.value;
  // At once, and not after the next picture: the page may be closed before it.
  useLayoutEffect(() => {
    // What stands there now: words that were sent before this ran would come back in the next chat.
    const now = draft.peek();
    if (key !== null && now !== stored()) library.saveDraft(key, now);
  }, [text, key]);

  return {
    draft,
    clear() {
      draft.value = '';
      if (key !== null) library.saveDraft(key, '');
    },
    giveBack(words) {
      if (draft.peek() !== '' || stored() !== '') return;
      draft.value = words;
      if (key !== null) library.saveDraft(key, words);
    },
  };
}
