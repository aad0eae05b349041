import { type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';

/** The unsent text of the open chat. Each chat has its own; it survives a reload, except in a temporary chat. */
export function useDraft(): { readonly draft: Signal<string>; readonly clear: () => void } {
  const { chat, library } = useApp();
  const { isTemporary, chat: record } = chat.outline.value;
  const key = isTemporary ? null : record.activity === 0 ? '' : record.id;
  const isLoaded = library.isLoaded.value;
  const draft = useSignal('');
  const of = useSignal<string | null>(null);

  useEffect(() => {
    const stored = key === null ? '' : (library.drafts.get(key) ?? '');
    // What was typed while the drafts were still being read is not thrown away for them.
    if (of.peek() !== key || draft.peek() === '') draft.value = stored;
    of.value = key;
  }, [key, isLoaded]);

  const text = draft.value;
  useEffect(() => {
    // A text that was just exchanged for another chat's is not this chat's.
    if (key === null || of.peek() !== key || draft.peek() !== text || text === (library.drafts.get(key) ?? '')) return;
    library.saveDraft(key, text);
  }, [text, key]);

  return {
    draft,
    clear() {
      draft.value = '';
      if (key !== null) library.saveDraft(key, '');
    },
  };
}
