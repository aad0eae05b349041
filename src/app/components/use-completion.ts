import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useApp } from '../app-context.ts';

/** A pause in typing after which the model is asked. */
const PAUSE_MS = 500;
const LEAST_CHARACTERS = 12;
const MOST_TOKENS = 8;

/** How the model on this device would go on with what is typed; '' while it has nothing to say, or is not asked. */
export function useCompletion(draft: ReadonlySignal<string>): ReadonlySignal<string> {
  const { chat, model, settings, engine } = useApp();
  const completion = useSignal('');
  const text = draft.value;
  const isWanted =
    settings.settings.value.completesSentences && model.state.value.kind === 'ready' && !chat.isAnswering.value;
  useEffect(() => {
    completion.value = '';
    const state = model.state.peek();
    if (!isWanted || state.kind !== 'ready' || text.trim().length < LEAST_CHARACTERS) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const request = { model: state.model.id, prompt: text, max_tokens: MOST_TOKENS, temperature: 0, stop: ['\n'] };
      engine.completions.create(request, { signal: controller.signal }).then(
        ({ choices }) => {
          if (!controller.signal.aborted) completion.value = choices[0]?.text.trimEnd() ?? '';
        },
        // Stopped by the next letter, or the model cannot: then there is no proposal.
        () => {},
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text, isWanted]);
  return completion;
}
