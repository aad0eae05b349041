import { describe, expect, it } from 'vitest';
import { clientThatWrites } from '../../testing/client-that-writes.ts';
import { createPromptApi } from './create-prompt-api.ts';
import type { PromptApiEngine } from './model-access.ts';
import { LanguageModelToolCall, LanguageModelToolError, LanguageModelToolSuccess } from './tool-parts.ts';

/** What language-model-tool-use of web-platform-tests asks of calls that the page runs itself. */
const call = (city: string) => `<tool_call>\n{"name": "lookup", "arguments": {"city": "${city}"}}\n</tool_call>`;
const TOOL = {
  name: 'lookup',
  description: 'Looks a city up.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
};
const OPEN = {
  expectedInputs: [{ type: 'tool-call' }, { type: 'tool-response' }],
  expectedOutputs: [{ type: 'tool-call' }],
  tools: [TOOL],
};
const asked = { callID: 'c1', name: 'lookup' };

function setUp(answers: string | readonly string[]) {
  const { chat, requests } = clientThatWrites(answers);
  const models = { loaded: { id: 'm', contextLength: 4096 } };
  const engine = { models, chat: { completions: chat } } as unknown as PromptApiEngine;
  const prompts = () => requests.map(({ prompt }) => prompt.map(({ text }) => text).join(''));
  return { ...createPromptApi(engine, { model: 'm' }), prompts };
}
const named = (name: string) => expect.objectContaining({ name });
const calls = (value: unknown, role = 'assistant') => [{ role, content: [{ type: 'tool-call', value }] }] as never;
const results = (value: unknown, role = 'user') => [{ role, content: [{ type: 'tool-response', value }] }] as never;
const success = (result: readonly unknown[]) => new LanguageModelToolSuccess({ ...asked, result } as never);

describe('calls that the page runs itself', () => {
  it('come as parts, are answered by the next prompt, and stay in the history of copies', async () => {
    const { LanguageModel, prompts } = setUp([call('Paris'), 'It is 21 degrees.', 'Fine.']);
    const session = await LanguageModel.create(OPEN);
    const answer = (await session.prompt('How is Paris?')) as unknown as readonly { type: string; value: unknown }[];
    expect(answer).toMatchObject([{ type: 'tool-call', value: { name: 'lookup', arguments: { city: 'Paris' } } }]);
    const callID = (answer[0]?.value as LanguageModelToolCall | undefined)?.callID ?? '';
    expect(callID).not.toBe('');
    const value = new LanguageModelToolSuccess({
      callID,
      name: 'lookup',
      result: [{ type: 'object', value: { c: 21 } }],
    });
    expect(await session.prompt(results(value))).toBe('It is 21 degrees.');
    expect(prompts()[1]).toContain('{"c":21}');
    await (await session.clone()).prompt('And now?');
    expect(prompts()[2]).toContain('{"c":21}');
  });

  it('are several, behind what is said, whole and streamed', async () => {
    const text = `Let me look.\n${call('Paris')}\n${call('Rome')}`;
    const { LanguageModel } = setUp(text);
    const answer = (await (await LanguageModel.create(OPEN)).prompt('Both?')) as unknown as readonly { type: string }[];
    expect(answer.map(({ type }) => type)).toEqual(['text', 'tool-call', 'tool-call']);
    const pieces: unknown[] = [];
    const stream = (await LanguageModel.create(OPEN)).promptStreaming('Both?') as unknown as AsyncIterable<unknown>;
    for await (const piece of stream) pieces.push(piece);
    expect(pieces.filter((piece) => typeof piece === 'string').join('')).toContain('Let me look.');
    expect(pieces.slice(-2)).toMatchObject([{ value: { arguments: { city: 'Paris' } } }, { type: 'tool-call' }]);
  });

  it('may stand in what a session begins with, and what is added to it', async () => {
    const { LanguageModel, prompts } = setUp('Fine.');
    const nested = new LanguageModelToolCall({ ...asked, arguments: { filters: { cities: ['Paris'] } } });
    const session = await LanguageModel.create({ ...OPEN, initialPrompts: calls(nested) });
    expect(await session.prompt('Go on')).toBe('Fine.');
    expect(prompts()[0]).toContain('Go on');
    const other = await LanguageModel.create(OPEN);
    await other.append(calls(new LanguageModelToolCall(asked)));
    await other.append(results(new LanguageModelToolError({ ...asked, errorMessage: 'no network' })));
    await other.prompt('Go on');
    expect(prompts()[1]).toContain('no network');
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  it.each([
    ['arguments that are a list', calls(new LanguageModelToolCall({ ...asked, arguments: [] })), 'DataError'],
    [
      'arguments that hold themselves',
      calls(new LanguageModelToolCall({ ...asked, arguments: circular })),
      'DataError',
    ],
    ['a call of the user’s', calls(new LanguageModelToolCall(asked), 'user'), 'TypeError'],
    ['a result of the assistant’s', results(success([]), 'assistant'), 'TypeError'],
    ['a result that holds itself', results(success([{ type: 'text', value: circular }])), 'DataError'],
    ['a function', results(success([{ type: 'text', value: () => {} }])), 'DataError'],
    ['a BigInt', results(success([{ type: 'text', value: 1n }])), 'DataError'],
    ['an object of the platform', results(success([{ type: 'object', value: new Blob() }])), 'DataError'],
    ['an image', results(success([{ type: 'image', value: new Blob() }])), 'NotSupportedError'],
    ['what is no call', calls({ name: 'lookup' }), 'TypeError'],
  ])('are refused with %s', async (_what, prompt, name) => {
    const session = await setUp('Fine.').LanguageModel.create(OPEN);
    await expect(session.prompt(prompt)).rejects.toEqual(named(name));
  });

  it('need a session that was created for them', async () => {
    const { LanguageModel } = setUp('Fine.');
    await expect(LanguageModel.create({ tools: [TOOL] })).rejects.toThrow(TypeError);
    await expect(LanguageModel.create({ tools: [TOOL], expectedOutputs: [{ type: 'text' }] })).rejects.toThrow(
      TypeError,
    );
    await expect(LanguageModel.create({ ...OPEN, tools: [{ ...TOOL, execute: () => 1 }] })).rejects.toThrow(TypeError);
    await expect(LanguageModel.create({ expectedOutputs: [{ type: 'tool-response' }] })).rejects.toEqual(
      named('NotSupportedError'),
    );
    const deaf = await LanguageModel.create({ ...OPEN, expectedInputs: [] });
    await expect(deaf.prompt(calls(new LanguageModelToolCall(asked)))).rejects.toEqual(named('NotSupportedError'));
    await expect(deaf.append(results(success([])))).rejects.toEqual(named('NotSupportedError'));
    expect(await (await LanguageModel.create({ expectedOutputs: OPEN.expectedOutputs })).prompt('Hello')).toBe('Fine.');
  });
});
