import { describe, expect, it } from 'vitest';
import { clientThatWrites } from '../../testing/client-that-writes.ts';
import { createPromptApi, type PromptApiOptions } from './create-prompt-api.ts';
import type { LanguageModelTool } from './language-model-tools.ts';
import type { PromptApiEngine } from './model-access.ts';

const callOf = (city: string) => `<tool_call>\n{"name": "get_weather", "arguments": {"city": "${city}"}}\n</tool_call>`;

/** `LanguageModel` over a model that writes these texts, one after the other. */
function setUp(answers: string | readonly string[], options: Partial<PromptApiOptions> = { approve: 'always' }) {
  const { chat, requests } = clientThatWrites(answers);
  const models = { loaded: { id: 'm', contextLength: 4096 } };
  const engine = { models, chat: { completions: chat } } as unknown as PromptApiEngine;
  const prompts = () => requests.map(({ prompt }) => prompt.map(({ text }) => text).join(''));
  return { ...createPromptApi(engine, { model: 'm', ...options }), prompts, requests };
}

const weather = (execute: NonNullable<LanguageModelTool['execute']>): LanguageModelTool => ({
  name: 'get_weather',
  description: 'The weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute,
});

describe('tools of a session', () => {
  it('run while it answers, are told to the model, and stay in its history', async () => {
    const asked: unknown[] = [];
    const tool = weather(async (input) => {
      asked.push(input);
      return { degrees: 21 };
    });
    const { LanguageModel, prompts } = setUp([callOf('Paris'), 'It is 21 degrees.', 'You are welcome.']);
    const session = await LanguageModel.create({ tools: [tool] });
    expect(await session.prompt('How is Paris?')).toBe('It is 21 degrees.');
    expect(asked).toEqual([{ city: 'Paris' }]);
    expect(prompts()[0]).toContain('The weather of a city');
    expect(prompts()[1]).toContain('{"degrees":21}');
    const copy = await session.clone();
    expect(await copy.prompt('Thanks.')).toBe('You are welcome.');
    expect(prompts()[2]).toContain('{"degrees":21}');
  });

  it('run together where the model calls several', async () => {
    const running: string[] = [];
    let open = () => {};
    const both = new Promise<void>((resolve) => {
      open = resolve;
    });
    const tool = weather(async ({ city }) => {
      running.push(String(city));
      if (running.length === 2) open();
      await both;
      return city;
    });
    const { LanguageModel } = setUp([`${callOf('Paris')}\n${callOf('Rome')}`, 'Done.']);
    const session = await LanguageModel.create({ tools: [tool] });
    expect(await session.prompt('Both?')).toBe('Done.');
    expect(running).toEqual(['Paris', 'Rome']);
  });

  it('that fail, or are not allowed, are told to the model', async () => {
    const broken = weather(() => {
      throw new Error('no network');
    });
    const failed = setUp([callOf('Paris'), 'I do not know.']);
    expect(await (await failed.LanguageModel.create({ tools: [broken] })).prompt('How is Paris?')).toBe(
      'I do not know.',
    );
    expect(failed.prompts()[1]).toContain('no network');

    let hasRun = false;
    const tool = weather(() => {
      hasRun = true;
    });
    const denied = setUp([callOf('Paris'), 'All right.'], { approve: ({ name }) => name !== 'get_weather' });
    expect(await (await denied.LanguageModel.create({ tools: [tool] })).prompt('How is Paris?')).toBe('All right.');
    const unasked = setUp([callOf('Paris'), 'All right.'], {});
    await (await unasked.LanguageModel.create({ tools: [tool] })).prompt('How is Paris?');
    expect(hasRun).toBe(false);
    expect(denied.prompts()[1]).toContain('did not allow');
  });

  it('end: a model that calls for ever must answer', async () => {
    const { LanguageModel, requests } = setUp(callOf('Paris'));
    const session = await LanguageModel.create({ tools: [weather(() => 'sunny')] });
    await session.prompt('How is Paris?');
    expect(requests).toHaveLength(9);
    expect(requests.at(-1)?.grammar).toBeUndefined();
  });

  it('stop with the signal', async () => {
    const stop = new AbortController();
    const tool = weather(() => {
      stop.abort();
      return new Promise(() => {});
    });
    const { LanguageModel } = setUp(callOf('Paris'));
    const session = await LanguageModel.create({ tools: [tool] });
    await expect(session.prompt('How is Paris?', { signal: stop.signal })).rejects.toHaveProperty('name', 'AbortError');
  });

  it.each([
    [{ name: '', description: '', inputSchema: { type: 'object' }, execute: () => {} }],
    [{ name: 'a', inputSchema: { type: 'object' }, execute: () => {} }],
    [{ name: 'a', description: '', inputSchema: null, execute: () => {} }],
    [{ name: 'a', description: '', inputSchema: {}, execute: () => {} }],
    [{ name: 'a', description: '', inputSchema: { type: 'object' } }],
    [null],
  ])('must be tools: %j', async (tool) => {
    const { LanguageModel } = setUp('Yes.');
    const tools = [tool as unknown as LanguageModelTool];
    await expect(LanguageModel.create({ tools })).rejects.toThrow(TypeError);
    await expect(LanguageModel.availability({ tools })).rejects.toThrow(TypeError);
  });

  it('of the same name are an error', async () => {
    const tools = [weather(() => 1), weather(() => 2)];
    await expect(setUp('Yes.').LanguageModel.create({ tools })).rejects.toThrow(TypeError);
  });
});
