import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { ReadyModel } from '../../client/index.ts';
import type { Engine } from '../engine.ts';
import type { ChatController } from './chat-controller.ts';
import { toPrompt } from './chat-tree.ts';

interface ContextUseOptions {
  readonly engine: Pick<Engine, 'chat'>;
  readonly chat: Pick<ChatController, 'outline' | 'branch' | 'isAnswering'>;
  readonly model: ReadonlySignal<ReadyModel | null>;
  readonly systemPrompt: () => string | null;
}

/**
 * Tokens of the context that the open chat takes: after an answer as the engine said; of a chat that was opened and not asked
 * anything yet, counted. 0 while that is not known. What does not fit is not read, so that it is never more than the context.
 */
export function contextUse({ engine, chat, model, systemPrompt }: ContextUseOptions): ReadonlySignal<number> {
  const used = signal(0);
  effect(() => {
    const { chat: record, contextTokens, isLoaded, messageCount } = chat.outline.value;
    const ready = model.value;
    const isAnswering = chat.isAnswering.value;
    if (contextTokens > 0 || messageCount === 0 || ready === null || !isLoaded) {
      used.value = contextTokens;
      return undefined;
    }
    const branch = untracked(() => chat.branch.value);
    // A question that was just put is about to be answered.
    if (isAnswering || branch.at(-1)?.role !== 'assistant') return undefined;
    const controller = new AbortController();
    const { signal: aborted } = controller;
    const messages = toPrompt(branch, record.systemPrompt ?? untracked(systemPrompt));
    engine.chat.completions.countTokens({ model: ready.id, messages }, { signal: aborted }).then(
      ({ total_tokens: tokens }) => {
        if (!aborted.aborted) used.value = Math.min(tokens, ready.contextLength);
      },
      // Then it stays unknown: the next answer says it.
      () => {},
    );
    return () => controller.abort();
  });
  return used;
}
