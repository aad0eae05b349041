import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Words } from '../text/index.ts';
import type { HostActions } from './host-actions.ts';

/**
 * The question before an action of the page. It names the action and every value, stands inside the frame where no style of the
 * page reaches, and its buttons wait a moment: a click that was meant for something else must not be a yes.
 */
export function ActionSheet({
  actions,
  words,
}: {
  readonly actions: HostActions;
  readonly words: Words;
}): VNode | null {
  const asked = actions.asked.value;
  const refuse = useRef<HTMLButtonElement>(null);
  const since = useRef(0);
  useEffect(() => {
    since.current = performance.now();
    // The harmless answer has the focus.
    refuse.current?.focus();
  }, [asked]);
  if (asked === null) return null;
  const allow = () => {
    if (performance.now() - since.current >= LEAST_SEEN_MS) asked.answer(true);
  };
  return (
    <section class="state action" role="alertdialog" aria-label={words.actionAsked}>
      <p>{words.actionAsked}</p>
      <p>
        <strong>{asked.name}</strong> {asked.description}
      </p>
      <pre>{JSON.stringify(asked.arguments, null, 2)}</pre>
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

/** Clickjacking by timing: nobody reads and decides faster. */
const LEAST_SEEN_MS = 500;
