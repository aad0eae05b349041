import { describe, expect, it } from 'vitest';
import {
  type Conversation,
  type ConversationEvent,
  EMPTY_CONVERSATION,
  isAnswering,
  reduceConversation,
  toMessages,
} from './conversation.ts';

const TIMINGS = {
  promptTokens: 10,
  cachedTokens: 0,
  completionTokens: 5,
  firstTokenMs: 100,
  prefillTokensPerSecond: 100,
  decodeTokensPerSecond: 40,
};
const END = { type: 'answer-end', reason: 'stop', timings: TIMINGS, contextTokens: 15 } as const;
const FAIL = { type: 'answer-fail', failure: { code: 'worker-lost', message: 'Gone.', action: 'Again.' } } as const;
const delta = (text: string) => ({ type: 'answer-delta', text }) as const;
const ask = (question: string) => ({ type: 'question-ask', question }) as const;

function play(...events: readonly ConversationEvent[]): Conversation {
  return events.reduce(reduceConversation, EMPTY_CONVERSATION);
}

describe('a conversation', () => {
  it('reads, writes and finishes', () => {
    expect(play(ask('a')).turns).toEqual([{ id: 1, question: 'a', answer: '', status: { kind: 'reading' } }]);
    expect(play(ask('a'), delta('b'), delta('c')).turns[0]).toMatchObject({
      answer: 'bc',
      status: { kind: 'writing' },
    });
    const ended = play(ask('a'), delta('b'), END);
    expect(ended.turns[0]?.status).toMatchObject({ kind: 'finished', reason: 'stop' });
    expect(ended.contextTokens).toBe(15);
    expect(isAnswering(ended)).toBe(false);
  });

  it('takes one question at a time, and no empty one', () => {
    expect(play(ask('a'), ask('b')).turns).toHaveLength(1);
    expect(play(ask('  \n')).turns).toHaveLength(0);
  });

  it('keeps what was written when it is stopped or fails', () => {
    const stopped = play(ask('a'), delta('half'), { type: 'answer-stop', contextTokens: null });
    expect(stopped.turns[0]).toMatchObject({ answer: 'half', status: { kind: 'stopped' } });
    expect(play(ask('a'), delta('half'), FAIL).turns[0]).toMatchObject({ answer: 'half', status: { kind: 'failed' } });
  });

  it.each([delta('late'), END, FAIL, { type: 'answer-stop', contextTokens: 1 } as const])(
    'is not revived by a late event',
    (late) => {
      const stopped = play(ask('a'), delta('half'), { type: 'answer-stop', contextTokens: 3 });
      expect(reduceConversation(stopped, late)).toBe(stopped);
      expect(reduceConversation(EMPTY_CONVERSATION, late)).toBe(EMPTY_CONVERSATION);
    },
  );

  it('asks again from the start of the answer', () => {
    const again = play(ask('a'), delta('half'), FAIL, { type: 'answer-retry' });
    expect(again.turns).toEqual([{ id: 1, question: 'a', answer: '', status: { kind: 'reading' } }]);
  });

  it('never gives two turns one id', () => {
    const { turns } = play(ask('a'), delta('x'), END, ask('b'), delta('y'), END, ask('c'));
    expect(turns.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('forgets all of it', () => {
    expect(play(ask('a'), delta('b'), END, { type: 'conversation-clear' })).toEqual(EMPTY_CONVERSATION);
  });
});

describe('what the model reads', () => {
  it('is every answered turn and the open question', () => {
    expect(toMessages(play(ask('a'), delta('b'), END, ask('c')))).toEqual([
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ]);
  });

  it('leaves out questions without an answer, so that roles alternate', () => {
    expect(toMessages(play(ask('a'), FAIL, ask('b')))).toEqual([{ role: 'user', content: 'b' }]);
  });

  it('does not hold the answer that is asked for again', () => {
    expect(toMessages(play(ask('a'), delta('half'), FAIL, { type: 'answer-retry' }))).toEqual([
      { role: 'user', content: 'a' },
    ]);
  });
});
