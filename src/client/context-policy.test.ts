import { describe, expect, it } from 'vitest';
import type { ChatCompletionChunk } from './openai-types.ts';
import { Conversation } from './sessions/index.ts';
import { clientThatWrites } from './testing/client-that-writes.ts';

const SYSTEM = { role: 'system' as const, content: 'Be brief.' };
const LAST = { role: 'user' as const, content: 'And now?' };
/** Turns of some dozen words each: the fake engine counts words. */
const long = (turns: number) => [
  SYSTEM,
  ...Array.from({ length: turns }, (_, turn) => [
    { role: 'user' as const, content: `Question ${turn}: ${'what about the mill '.repeat(3)}` },
    { role: 'assistant' as const, content: `Answer ${turn}: it stands.` },
  ]).flat(),
  LAST,
];

async function streamed(stream: AsyncIterable<ChatCompletionChunk>) {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}
const told = (chunks: readonly ChatCompletionChunk[]) =>
  chunks.map(({ dropped, choices }) => [choices[0]?.delta.content, dropped] as const).filter(([, what]) => what);

describe('what a conversation loses is told', () => {
  it('with the first piece of a streamed answer, where its oldest turns were left out', async () => {
    const { chat, requests } = clientThatWrites('It still stands.', { contextLength: 80 });
    const request = { model: 'm', messages: long(9), max_tokens: 20, context_policy: 'truncate-middle' } as const;
    const chunks = await streamed(await chat.create({ ...request, stream: true }));
    const lost = { messages: expect.any(Number), tokens: expect.any(Number) };
    expect(told(chunks)).toEqual([['It ', lost]]);
    const [[, dropped] = []] = told(chunks);
    expect(dropped!.messages).toBeGreaterThan(8);
    expect(chunks.at(-1)?.sotto?.dropped).toEqual(dropped);
    expect((await chat.create(request)).sotto.dropped).toEqual(dropped);
    const prompt = requests[0]!.prompt.map(({ text }) => text).join('');
    expect(prompt).toContain(SYSTEM.content);
    expect(prompt).toContain(LAST.content);
    expect(prompt).not.toContain('Question 0');
    expect(requests[0]).not.toHaveProperty('shiftsContext');
  });

  it('in mid-answer, where the context filled up, added up', async () => {
    const { chat, requests } = clientThatWrites('It still stands.', { contextLength: 80, shifts: { 3: 30, 9: 12 } });
    const request = { model: 'm', messages: [SYSTEM, LAST], max_tokens: 20, context_policy: 'shift' } as const;
    const chunks = await streamed(await chat.create({ ...request, stream: true }));
    expect(told(chunks)).toEqual([
      ['sti', { messages: 0, tokens: 30 }],
      ['sta', { messages: 0, tokens: 42 }],
    ]);
    expect(chunks.at(-1)?.sotto?.dropped).toEqual({ messages: 0, tokens: 42 });
    expect(requests[0]).toMatchObject({ shiftsContext: true });
  });

  it('both together, for each of several answers', async () => {
    const { chat } = clientThatWrites('Yes, it is.', { contextLength: 80, shifts: { 6: 10 } });
    const request = { model: 'm', messages: long(9), max_tokens: 20, n: 2, context_policy: 'shift' } as const;
    const lost = told(await streamed(await chat.create({ ...request, stream: true })));
    expect(lost).toHaveLength(4);
    const [[, left] = [], [, all] = []] = lost;
    expect(all).toEqual({ messages: left!.messages, tokens: left!.tokens + 10 });
    expect(lost.slice(2)).toEqual(lost.slice(0, 2));
  });

  it('to whoever talks to a conversation', async () => {
    const { chat } = clientThatWrites('It stands.', { contextLength: 80, shifts: { 3: 5 } });
    const conversation = new Conversation(chat, {
      model: 'm',
      messages: long(9).slice(0, -1),
      context_policy: 'shift',
    });
    const heard: { readonly messages: number; readonly tokens: number }[] = [];
    await conversation.send('And now?', { onDropped: (dropped) => heard.push(dropped) });
    expect(heard).toHaveLength(2);
    expect(heard[0]!.messages).toBeGreaterThan(8);
    expect(heard[1]).toEqual({ messages: heard[0]!.messages, tokens: heard[0]!.tokens + 5 });
    // What was said is still there: only the model did not read it.
    expect(conversation.messages).toHaveLength(long(9).length + 1);
  });

  it('by refusing, where nothing may be lost, and never where nothing is', async () => {
    const { chat, requests } = clientThatWrites('Yes.', { contextLength: 80 });
    const short = { model: 'm', messages: [SYSTEM, LAST], max_tokens: 20, context_policy: 'shift' } as const;
    expect(told(await streamed(await chat.create({ ...short, stream: true })))).toEqual([]);
    expect((await chat.create(short)).sotto).not.toHaveProperty('dropped');
    // The engine refuses what does not fit: it is asked for all of it.
    await chat.create({ model: 'm', messages: long(9), max_tokens: 20 });
    expect(
      requests
        .at(-1)!
        .prompt.map(({ text }) => text)
        .join(''),
    ).toContain('Question 0');
    const odd = { ...short, context_policy: 'middle' } as never;
    await expect(chat.create(odd)).rejects.toMatchObject({ details: { option: 'context_policy' } });
  });
});
