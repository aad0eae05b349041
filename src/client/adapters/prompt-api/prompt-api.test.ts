import { describe, expect, it, vi } from 'vitest';
import { abortError, SottoError } from '../../../shared/index.ts';
import type { ChatCompletionRequest, RequestOptions } from '../../openai-types.ts';
import { createPromptApi, installPromptApi } from './create-prompt-api.ts';
import type { PromptApiEngine } from './model-access.ts';

const CONTEXT = 40;

/** An engine whose tokens are words, whose context has 40 of them, and that says what it was asked. */
function engineThatEchoes({ isLoaded = true, isStored = true, context = CONTEXT } = {}) {
  const requests: ChatCompletionRequest[] = [];
  let loaded = isLoaded;
  const count = (messages: ChatCompletionRequest['messages']) =>
    messages.reduce((sum, { content }) => sum + String(content).split(/\s+/u).filter(Boolean).length + 1, 0);
  async function* answer(request: ChatCompletionRequest, signal: AbortSignal | undefined) {
    const question = String(request.messages.at(-1)?.content);
    const aborted = { choices: [{ index: 0, delta: {}, finish_reason: 'abort' }] };
    if (question === 'hang') {
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      yield aborted;
      return;
    }
    if (question === 'boom') throw new SottoError('numeric-fault', 'Not a number.');
    for (const piece of ['re: ', question])
      yield { choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] };
    const total_tokens = count(request.messages) + 3;
    yield { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { total_tokens } };
  }
  const model = { id: 'm', name: 'M', contextLength: context };
  const engine = {
    models: {
      get loaded() {
        return loaded ? model : null;
      },
      list: async () => ({ data: [{ id: 'm', sotto: { isStored } }] }),
      load: async (
        _: string,
        { signal, onProgress }: { signal?: AbortSignal; onProgress?: (event: object) => void },
      ) => {
        if (signal?.aborted) throw abortError();
        onProgress?.({ type: 'download-progress', loadedBytes: 25, totalBytes: 100 });
        onProgress?.({ type: 'download-progress', loadedBytes: 100, totalBytes: 100 });
        loaded = true;
        return model;
      },
    },
    chat: {
      completions: {
        create: async (request: ChatCompletionRequest, { signal }: RequestOptions = {}) => {
          if (request.response_format?.type === 'regex') throw new SottoError('unsupported-option', 'No regex.');
          requests.push(request);
          return answer(request, signal);
        },
        countTokens: async ({ messages }: ChatCompletionRequest) => ({ total_tokens: count(messages) }),
      },
    },
  };
  const api = createPromptApi(engine as unknown as PromptApiEngine, { model: 'm' });
  return { ...api, engine: engine as unknown as PromptApiEngine, requests };
}

const named = (name: string) => expect.objectContaining({ name });

async function read(stream: ReadableStream<string>): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of stream as unknown as AsyncIterable<string>) pieces.push(piece);
  return pieces;
}

describe('LanguageModel', () => {
  it('says whether it is there', async () => {
    expect(await engineThatEchoes().LanguageModel.availability()).toBe('available');
    const { LanguageModel, engine } = engineThatEchoes({ isLoaded: false, isStored: false });
    expect(await LanguageModel.availability()).toBe('downloadable');
    expect(await LanguageModel.availability({ expectedInputs: [{ type: 'image' }] })).toBe('unavailable');
    expect(await createPromptApi(engine, { model: 'n' }).LanguageModel.availability()).toBe('unavailable');
    await expect(
      LanguageModel.availability({ expectedInputs: [{ type: 'text', languages: ['no tag'] }] }),
    ).rejects.toThrow(RangeError);
  });

  it('tells its way here from 0 to 1', async () => {
    const { LanguageModel } = engineThatEchoes({ isLoaded: false, isStored: false });
    const told: number[] = [];
    await LanguageModel.create({
      monitor: (monitor) =>
        monitor.addEventListener('downloadprogress', (event) =>
          told.push((event as Event & { loaded: number }).loaded),
        ),
    });
    expect(told).toEqual([0, 0.25, 1]);
  });

  it('answers, whole or in pieces, and remembers what was said', async () => {
    const { LanguageModel, requests } = engineThatEchoes();
    const session = await LanguageModel.create({ initialPrompts: [{ role: 'system', content: 'Be brief.' }] });
    expect(await session.prompt('one')).toBe('re: one');
    expect(await read(session.promptStreaming('two'))).toEqual(['re: ', 'two']);
    expect(requests.at(-1)?.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 're: one' },
      { role: 'user', content: 'two' },
    ]);
    expect(session.contextUsage).toBeGreaterThan(8);
    expect(session.contextWindow).toBe(CONTEXT);
  });

  it('takes appended messages, and goes on from a prefix', async () => {
    const { LanguageModel, requests } = engineThatEchoes();
    const session = await LanguageModel.create();
    await session.append([
      {
        role: 'user',
        content: [
          { type: 'text', value: 'a' },
          { type: 'text', value: 'b' },
        ],
      },
    ]);
    expect(requests).toEqual([]);
    await session.prompt([
      { role: 'user', content: 'c' },
      { role: 'assistant', content: 'begins', prefix: true },
    ]);
    expect(requests[0]?.messages.map(({ content }) => content)).toEqual(['ab', 'c', 'begins']);
    await session.prompt('d');
    expect(requests[1]?.messages.map(({ content }) => content)).toEqual(['ab', 'c', 'beginsre: begins', 'd']);
  });

  it('runs calls one after the other', async () => {
    const { LanguageModel, requests } = engineThatEchoes();
    const session = await LanguageModel.create();
    await Promise.all([session.prompt('first'), session.prompt('second')]);
    expect(requests[1]?.messages.map(({ content }) => content)).toEqual(['first', 're: first', 'second']);
  });

  it.each([
    [
      [
        { role: 'user', content: 'a' },
        { role: 'system', content: 'b' },
      ],
      'TypeError',
    ],
    [
      [
        { role: 'system', content: 'a' },
        { role: 'system', content: 'b' },
      ],
      'TypeError',
    ],
    [[{ role: 'user', content: 'a', prefix: true }], 'SyntaxError'],
    [
      [
        { role: 'assistant', content: 'a', prefix: true },
        { role: 'user', content: 'b' },
      ],
      'SyntaxError',
    ],
    [[{ role: 'user', content: [{ type: 'image', value: {} }] }], 'NotSupportedError'],
    [[{ role: 'user', content: [{ type: 'text', value: 1 }] }], 'TypeError'],
    [[{ role: 'wizard', content: 'a' }], 'TypeError'],
  ])('refuses %j', async (input, name) => {
    const { LanguageModel, requests } = engineThatEchoes();
    const session = await LanguageModel.create();
    await expect(session.prompt(input as never)).rejects.toEqual(named(name));
    expect(requests).toEqual([]);
    expect(await session.prompt('and works on')).toBe('re: and works on');
  });

  it('refuses a system message after the beginning', async () => {
    const { LanguageModel } = engineThatEchoes();
    const session = await LanguageModel.create({ initialPrompts: [{ role: 'user', content: 'hi' }] });
    await expect(session.prompt([{ role: 'system', content: 'x' }])).rejects.toEqual(named('TypeError'));
  });

  it('drops the oldest turns when the context is full, says so, and keeps what it began with', async () => {
    const { LanguageModel, requests } = engineThatEchoes();
    const session = await LanguageModel.create({ initialPrompts: [{ role: 'system', content: 'Keep this.' }] });
    const overflowed = vi.fn();
    session.oncontextoverflow = overflowed;
    const words = (word: string) => Array.from({ length: 14 }, () => word).join(' ');
    await session.prompt(words('one'));
    expect(overflowed).not.toHaveBeenCalled();
    await session.prompt(words('two'));
    expect(overflowed).toHaveBeenCalledTimes(1);
    expect(requests.at(-1)?.messages.map(({ content }) => content)).toEqual(['Keep this.', words('two')]);
  });

  it('refuses what can never fit, with the numbers', async () => {
    const { LanguageModel } = engineThatEchoes();
    const long = Array.from({ length: 100 }, () => 'x').join(' ');
    const session = await LanguageModel.create();
    await expect(session.prompt(long)).rejects.toMatchObject({
      name: 'QuotaExceededError',
      requested: 101,
      quota: CONTEXT,
    });
    await expect(LanguageModel.create({ initialPrompts: [{ role: 'user', content: long }] })).rejects.toEqual(
      named('QuotaExceededError'),
    );
  });

  it('measures what a prompt would take', async () => {
    const { LanguageModel } = engineThatEchoes();
    const session = await LanguageModel.create({ initialPrompts: [{ role: 'system', content: 'Keep this.' }] });
    expect(await session.measureContextUsage('three more words')).toBe(4);
    expect(session.contextUsage).toBe(3);
    await expect(session.measureContextUsage('x', { omitResponseConstraintInput: true })).rejects.toEqual(
      named('TypeError'),
    );
  });

  it('clones: two futures of one past', async () => {
    const { LanguageModel, requests } = engineThatEchoes();
    const session = await LanguageModel.create();
    await session.prompt('past');
    const other = await session.clone();
    expect(other).toBeInstanceOf(LanguageModel);
    await session.prompt('left');
    await other.prompt('right');
    expect(requests.at(-1)?.messages.map(({ content }) => content)).toEqual(['past', 're: past', 'right']);
  });

  it('stops by signal, by cancel and by destroy', async () => {
    const { LanguageModel } = engineThatEchoes();
    const session = await LanguageModel.create();
    const controller = new AbortController();
    const hanging = session.prompt('hang', { signal: controller.signal });
    controller.abort(new Error('mine'));
    await expect(hanging).rejects.toThrow('mine');
    expect(await session.prompt('on')).toBe('re: on');

    const stream = session.promptStreaming('hang');
    await stream.cancel();
    expect(await session.prompt('on')).toBe('re: on');

    const last = session.prompt('hang');
    session.destroy();
    await expect(last).rejects.toEqual(named('AbortError'));
    await expect(session.prompt('gone')).rejects.toEqual(named('AbortError'));
    await expect(session.clone()).rejects.toEqual(named('AbortError'));
  });

  it('passes constraints on and explains them unless told not to', async () => {
    const { LanguageModel, requests } = engineThatEchoes();
    const session = await LanguageModel.create();
    const schema = { type: 'object' };
    await session.prompt('give', { responseConstraint: schema });
    expect(requests[0]?.response_format).toMatchObject({ type: 'json_schema', json_schema: { schema } });
    expect(requests[0]?.messages.at(-1)?.content).toContain('{"type":"object"}');
    await session.prompt('give', { responseConstraint: schema, omitResponseConstraintInput: true });
    expect(requests[1]?.messages.at(-1)?.content).toBe('give');
    const circular: { self?: object } = {};
    circular.self = circular;
    for (const responseConstraint of [circular, /x/]) {
      await expect(session.prompt('give', { responseConstraint })).rejects.toEqual(named('NotSupportedError'));
    }
  });

  it('gives faults of the engine DOM names', async () => {
    const { LanguageModel } = engineThatEchoes();
    const session = await LanguageModel.create({ temperature: 9, topK: 1e6 });
    expect([session.temperature, session.topK]).toEqual([2, 128]);
    await expect(session.prompt('boom')).rejects.toEqual(named('UnknownError'));
    await expect(LanguageModel.create({ temperature: -1 })).rejects.toThrow(RangeError);
    await expect(LanguageModel.create({ tools: [{} as never] })).rejects.toThrow(TypeError);
    await expect(LanguageModel.create({ signal: AbortSignal.abort() })).rejects.toEqual(named('AbortError'));
  });
});

describe('writing assistants', () => {
  it('summarise, write and rewrite as they were asked to, and remember nothing', async () => {
    const { Summarizer, Writer, Rewriter, requests } = engineThatEchoes({ context: 500 });
    const told = () => String(requests.at(-1)?.messages[0]?.content);
    const summarizer = await Summarizer.create({ type: 'headline', length: 'medium', sharedContext: 'News.' });
    expect(await summarizer.summarize('a text', { context: 'Sports.' })).toBe('re: Background: Sports.\n\na text');
    expect(told()).toMatch(/headline: at most 17 words.*Background: News\./);
    expect((await read(summarizer.summarizeStreaming('another'))).join('')).toBe('re: another');
    expect(requests.at(-1)?.messages).toHaveLength(2);
    const writer = await Writer.create({ tone: 'formal', format: 'plain-text' });
    expect(await writer.write('a letter')).toBe('re: a letter');
    expect(told()).toMatch(/formal tone.*without Markdown/);
    const rewriter = await Rewriter.create({ length: 'shorter', outputLanguage: 'de' });
    expect((await read(rewriter.rewriteStreaming('long'))).join('')).toBe('re: long');
    expect(told()).toMatch(/Make it shorter.*"de"/);
    expect(await writer.measureInputUsage('one two')).toBeGreaterThan(2);
    writer.destroy();
    await expect(writer.write('x')).rejects.toEqual(named('AbortError'));
  });

  it('refuse options that are none', async () => {
    const { Summarizer, Writer } = engineThatEchoes();
    await expect(Summarizer.create({ type: 'poem' as never })).rejects.toThrow(TypeError);
    await expect(Writer.create({ outputLanguage: 'no tag' })).rejects.toThrow(RangeError);
    expect(await Summarizer.availability()).toBe('available');
    expect(await Summarizer.create({ length: 'long' })).toMatchObject({ type: 'key-points', length: 'long' });
  });
});

it('is installed only where the browser has nothing of the kind', () => {
  const { engine } = engineThatEchoes();
  const own = class {};
  vi.stubGlobal('Writer', own);
  const installed = installPromptApi(engine, { model: 'm' });
  const parts = ['LanguageModelToolCall', 'LanguageModelToolSuccess', 'LanguageModelToolError'];
  expect(installed).toEqual(['LanguageModel', 'Summarizer', 'Rewriter', ...parts]);
  expect((globalThis as { Writer?: unknown }).Writer).toBe(own);
  expect(installPromptApi(engine, { model: 'm', replacesNative: true })).toContain('Writer');
  vi.unstubAllGlobals();
  for (const name of installed) Reflect.deleteProperty(globalThis, name);
});
