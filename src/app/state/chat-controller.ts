import { type ReadonlySignal, signal } from '@preact/signals';
import { isAbortError } from '../../client/index.ts';
import type { Engine } from '../engine.ts';
import {
  type Conversation,
  type ConversationEvent,
  EMPTY_CONVERSATION,
  isAnswering,
  reduceConversation,
  toMessages,
} from './conversation.ts';
import { toFailure } from './failure.ts';

export interface ChatController {
  readonly conversation: ReadonlySignal<Conversation>;
  /** Tokens a second of the last finished answer, or null. */
  readonly rate: ReadonlySignal<number | null>;
  ask(question: string): Promise<void>;
  /** Asks the last question again: after an error, or for another answer. */
  retry(): Promise<void>;
  stop(): void;
  clear(): void;
  /** Another model has read nothing yet. */
  resetContext(): void;
}

/** Calls back when the next picture is drawn: several tokens may share one. */
export type Schedule = (callback: () => void) => void;

export function createChatController(engine: Engine, modelId: () => string | null, schedule: Schedule): ChatController {
  const conversation = signal<Conversation>(EMPTY_CONVERSATION);
  const rate = signal<number | null>(null);
  let running: AbortController | null = null;

  const dispatch = (event: ConversationEvent) => {
    conversation.value = reduceConversation(conversation.value, event);
  };

  const answer = async () => {
    const model = modelId();
    if (model === null) return;
    const controller = new AbortController();
    running = controller;
    const text = collectText(schedule, (piece) => {
      if (running === controller) dispatch({ type: 'answer-delta', text: piece });
    });
    const finish = (event: ConversationEvent) => {
      text.flush();
      if (running !== controller) return;
      running = null;
      dispatch(event);
    };
    try {
      const request = { model, messages: toMessages(conversation.value), stream: true } as const;
      const stream = await engine.chat.completions.create(request, { signal: controller.signal });
      for await (const { choices, usage, timings } of stream) {
        const choice = choices[0];
        if (choice?.delta.content) text.add(choice.delta.content);
        const reason = choice?.finish_reason ?? null;
        if (reason === null) continue;
        const contextTokens = usage?.total_tokens ?? null;
        if (reason === 'abort' || timings === undefined || contextTokens === null) {
          finish({ type: 'answer-stop', contextTokens });
        } else {
          rate.value = timings.decodeTokensPerSecond;
          finish({ type: 'answer-end', reason, timings, contextTokens });
        }
      }
      finish({ type: 'answer-stop', contextTokens: null });
    } catch (error) {
      finish(
        isAbortError(error)
          ? { type: 'answer-stop', contextTokens: null }
          : { type: 'answer-fail', failure: toFailure(error) },
      );
    }
  };

  return {
    conversation,
    rate,
    async ask(question) {
      if (isAnswering(conversation.value) || question.trim() === '' || modelId() === null) return;
      dispatch({ type: 'question-ask', question });
      await answer();
    },
    async retry() {
      if (isAnswering(conversation.value) || conversation.value.turns.length === 0 || modelId() === null) return;
      dispatch({ type: 'answer-retry' });
      await answer();
    },
    stop: () => running?.abort(),
    clear() {
      running?.abort();
      running = null;
      dispatch({ type: 'conversation-clear' });
    },
    resetContext: () => dispatch({ type: 'context-reset' }),
  };
}

/** Gathers pieces of text until the next picture, so that a fast model does not draw a page for every token. */
function collectText(schedule: Schedule, onText: (text: string) => void) {
  let pending = '';
  let isScheduled = false;
  const flush = () => {
    isScheduled = false;
    if (pending === '') return;
    const text = pending;
    pending = '';
    onText(text);
  };
  return {
    flush,
    add(text: string) {
      pending += text;
      if (isScheduled) return;
      isScheduled = true;
      schedule(flush);
    },
  };
}
