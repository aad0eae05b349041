import type { ChatCompletionMessage, GenerateTimings } from '../../client/index.ts';
import type { Failure } from './failure.ts';

/** How far an answer is. */
export type AnswerStatus =
  | { readonly kind: 'reading' }
  | { readonly kind: 'writing' }
  | { readonly kind: 'finished'; readonly reason: 'stop' | 'length'; readonly timings: GenerateTimings }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A question and its answer. */
export interface Turn {
  readonly id: number;
  readonly question: string;
  readonly answer: string;
  readonly status: AnswerStatus;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  /** Tokens of the context in use after the last answer that said so. */
  readonly contextTokens: number;
}

export type ConversationEvent =
  | { readonly type: 'question-ask'; readonly question: string }
  | { readonly type: 'answer-retry' }
  | { readonly type: 'answer-delta'; readonly text: string }
  | {
      readonly type: 'answer-end';
      readonly reason: 'stop' | 'length';
      readonly timings: GenerateTimings;
      readonly contextTokens: number;
    }
  | { readonly type: 'answer-stop'; readonly contextTokens: number | null }
  | { readonly type: 'answer-fail'; readonly failure: Failure }
  | { readonly type: 'context-reset' }
  | { readonly type: 'conversation-clear' };

export const EMPTY_CONVERSATION: Conversation = { turns: [], contextTokens: 0 };

/** True while an answer is being made: one at a time. */
export function isAnswering({ turns }: Conversation): boolean {
  const kind = turns.at(-1)?.status.kind;
  return kind === 'reading' || kind === 'writing';
}

/** The next conversation. Events that do not fit the present state change nothing: a late delta must not revive a stopped answer. */
export function reduceConversation(state: Conversation, event: ConversationEvent): Conversation {
  switch (event.type) {
    case 'question-ask': {
      if (isAnswering(state) || event.question.trim() === '') return state;
      const id = (state.turns.at(-1)?.id ?? 0) + 1;
      const turn: Turn = { id, question: event.question, answer: '', status: { kind: 'reading' } };
      return { ...state, turns: [...state.turns, turn] };
    }
    case 'answer-retry':
      return isAnswering(state) ? state : withLastTurn(state, { answer: '', status: { kind: 'reading' } });
    case 'answer-delta': {
      if (!isAnswering(state)) return state;
      const answer = (state.turns.at(-1)?.answer ?? '') + event.text;
      return withLastTurn(state, { answer, status: { kind: 'writing' } });
    }
    case 'answer-end': {
      if (!isAnswering(state)) return state;
      const { reason, timings, contextTokens } = event;
      return { ...withLastTurn(state, { status: { kind: 'finished', reason, timings } }), contextTokens };
    }
    case 'answer-stop': {
      if (!isAnswering(state)) return state;
      const contextTokens = event.contextTokens ?? state.contextTokens;
      return { ...withLastTurn(state, { status: { kind: 'stopped' } }), contextTokens };
    }
    case 'answer-fail':
      return isAnswering(state) ? withLastTurn(state, { status: { kind: 'failed', failure: event.failure } }) : state;
    case 'context-reset':
      return { ...state, contextTokens: 0 };
    case 'conversation-clear':
      return EMPTY_CONVERSATION;
  }
}

function withLastTurn(state: Conversation, change: Partial<Turn>): Conversation {
  const last = state.turns.at(-1);
  return last === undefined ? state : { ...state, turns: [...state.turns.slice(0, -1), { ...last, ...change }] };
}

/** What the model reads: every turn that got an answer, and the open question last. */
export function toMessages({ turns }: Conversation): readonly ChatCompletionMessage[] {
  const open = turns.at(-1);
  return turns.flatMap((turn): ChatCompletionMessage[] => {
    const question = { role: 'user', content: turn.question } as const;
    if (turn === open) return [question];
    return turn.answer === '' ? [] : [question, { role: 'assistant', content: turn.answer }];
  });
}
