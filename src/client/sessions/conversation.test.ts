import { describe, expect, it } from 'vitest';
import type { ChatCompletions } from '../chat-completions.ts';
import type { ChatCompletionRequest } from '../openai-types.ts';
import { Conversation } from './index.ts';

/** Answers with the number of the request and its last message. */
function setUp() {
  const asked: ChatCompletionRequest[] = [];
  const create = async (request: ChatCompletionRequest, { signal }: { signal?: AbortSignal } = {}) => {
    asked.push(request);
    const answer = `${asked.length}: ${request.messages.at(-1)?.content}`;
    if (answer.includes('fail')) throw new Error('failed');
    return (async function* () {
      for (const word of answer.split(/(?<= )/)) {
        if (signal?.aborted) return;
        yield { choices: [{ index: 0, delta: { content: word } }] };
      }
    })();
  };
  const completions = { create } as unknown as ChatCompletions;
  const system = { role: 'system' as const, content: 'Be brief.' };
  return { asked, conversation: new Conversation(completions, { model: 'a', temperature: 0, messages: [system] }) };
}
const said = (conversation: Conversation) => conversation.messages.map(({ content }) => content);

describe('a conversation', () => {
  it('remembers, and asks with all of it', async () => {
    const { conversation, asked } = setUp();
    const heard: string[] = [];
    expect(await conversation.send('hello there', { onText: (text) => heard.push(text) })).toBe('1: hello there');
    expect(heard.join('')).toBe('1: hello there');
    await conversation.send('more');
    expect(said(conversation)).toEqual(['Be brief.', 'hello there', '1: hello there', 'more', '2: more']);
    expect(asked[1]).toMatchObject({ model: 'a', temperature: 0, stream: true });
    expect(asked[1]?.messages).toHaveLength(4);
  });

  it('regenerates, edits and forks without touching what it came from', async () => {
    const { conversation } = setUp();
    await conversation.send('one');
    await conversation.send('two');
    const fork = conversation.fork(3);
    expect(await conversation.regenerate()).toBe('3: two');
    expect(await conversation.edit(1, 'uno')).toBe('4: uno');
    expect(said(conversation)).toEqual(['Be brief.', 'uno', '4: uno']);
    await fork.send('zwei');
    expect(said(fork)).toEqual(['Be brief.', 'one', '1: one', 'zwei', '5: zwei']);
  });

  it('stays as it was when a turn fails, and keeps what was written when it is stopped', async () => {
    const { conversation } = setUp();
    await expect(conversation.send('fail')).rejects.toThrow('failed');
    expect(said(conversation)).toEqual(['Be brief.']);
    const controller = new AbortController();
    await conversation.send('a long story', { signal: controller.signal, onText: () => controller.abort() });
    expect(said(conversation)).toEqual(['Be brief.', 'a long story', '2: ']);
  });

  it('refuses what makes no sense', async () => {
    const { conversation } = setUp();
    expect(() => conversation.regenerate()).toThrow(expect.objectContaining({ code: 'empty-prompt' }));
    expect(() => conversation.edit(0, 'x')).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    const first = conversation.send('one');
    await expect(conversation.send('two')).rejects.toMatchObject({ code: 'invalid-option' });
    await first;
  });
});
