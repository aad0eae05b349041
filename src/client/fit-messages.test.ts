import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../protocol/index.ts';
import { fitMessages } from './fit-messages.ts';

const message = (role: ChatMessage['role'], content: string): ChatMessage => ({ role, content });
/** A token a letter. */
const count = async (messages: readonly ChatMessage[]) =>
  messages.reduce((sum, { content }) => sum + content.length, 0);
const chat = (turns: number) => [
  message('system', 'ssss'),
  ...Array.from({ length: turns }, (_, turn) => [
    message('user', `q${turn}qq`),
    message('assistant', `a${turn}aa`),
  ]).flat(),
  message('user', 'last'),
];

describe('a conversation that is too long', () => {
  it('keeps its system prompt and its latest turns, whole', async () => {
    const { messages, dropped } = await fitMessages(chat(9), 24, count);
    expect(messages.map(({ content }) => content)).toEqual(['ssss', 'q7qq', 'a7aa', 'q8qq', 'a8aa', 'last']);
    expect(dropped).toEqual({ messages: 14, tokens: 56 });
    expect((await fitMessages(chat(9), 23, count)).messages).toHaveLength(4);
  });

  it('is left alone where it fits', async () => {
    expect(await fitMessages(chat(2), 24, count)).toEqual({ messages: chat(2), dropped: undefined });
  });

  it('keeps its last message in any case', async () => {
    const { messages } = await fitMessages(chat(3), 1, count);
    expect(messages.map(({ content }) => content)).toEqual(['ssss', 'last']);
    expect(await fitMessages([message('user', 'long')], 1, count)).toMatchObject({ dropped: undefined });
  });

  it('keeps the question of an answer that is continued', async () => {
    const { messages } = await fitMessages([...chat(3), message('assistant', 'begun')], 1, count);
    expect(messages.map(({ content }) => content)).toEqual(['ssss', 'last', 'begun']);
  });

  it('is counted a few times only', async () => {
    let calls = 0;
    await fitMessages(chat(200), 100, (messages) => {
      calls += 1;
      return count(messages);
    });
    expect(calls).toBeLessThan(12);
  });
});
