import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Words } from '../text/index.ts';
import type { AskedAction, HostActions } from './host-actions.ts';
import { useSeen } from './use-seen.ts';

interface ActionSheetProps {
  readonly actions: HostActions;
  readonly words: Words;
}

/** The question before an action of the page; nothing where none is asked. */
export function ActionSheet({ actions, words }: ActionSheetProps): VNode | null {
  const asked = actions.asked.value;
  return asked && <Question asked={asked} words={words} />;
}

/**
 * Names the action and every value. It stands inside the frame, where no style of the page reaches, and a yes counts only when it
 * could be read: a click that was meant for something else must not be one.
 */
function Question({ asked, words }: { readonly asked: AskedAction; readonly words: Words }): VNode {
  const sheet = useRef<HTMLElement>(null);
  const refuse = useRef<HTMLButtonElement>(null);
  const isCovered = useSignal(false);
  const seen = useSeen(sheet, asked);
  // The harmless answer has the focus.
  useLayoutEffect(() => refuse.current?.focus(), [asked]);
  const allow = () => {
    const state = seen();
    isCovered.value = state === 'covered';
    if (state === 'seen') asked.answer(true);
  };
  return (
    <section ref={sheet} class="state action" role="alertdialog" aria-label={words.actionAsked}>
      <p>{words.actionAsked}</p>
      <p>
        <strong>{asked.name}</strong> {asked.description}
      </p>
      <pre>{JSON.stringify(asked.arguments, null, 2)}</pre>
      {isCovered.value && <p role="status">{words.covered}</p>}
      <div class="choices">
        <button type="button" ref={refuse} onClick={() => asked.answer(false)}>
          {words.refuse}
        </button>
        <button type="button" class="primary" onClick={allow}>
          {words.allow}
        </button>
      </div>
    </section>
  );
}
