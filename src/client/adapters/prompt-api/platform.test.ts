import { describe, expect, it } from 'vitest';
import { clientThatWrites } from '../../testing/client-that-writes.ts';
import type { LanguageModelPrompt } from './canonical-prompt.ts';
import { createPromptApi } from './create-prompt-api.ts';
import type { PromptApiEngine } from './model-access.ts';

/**
 * What the web platform's own tests ask of an implementation, written anew: one entry an assertion.
 * Sources: webmachinelearning.github.io/prompt-api and /writing-assistance-apis, and the files of web-platform-tests under
 * ai/language-model, ai/summarizer, ai/writer and ai/rewriter. Left out: what needs a frame, a user's gesture, pictures or
 * sound, and two questions where we keep to the specification: a destroyed session rejects with AbortError (there
 * InvalidStateError), and topK may come without a temperature.
 */
function setUp() {
  const { chat } = clientThatWrites('An answer of some words.');
  const models = { loaded: { id: 'm', contextLength: 4096 } };
  const engine = { models, chat: { completions: chat } } as unknown as PromptApiEngine;
  return createPromptApi(engine, { model: 'm', approve: 'always' });
}

type Api = ReturnType<typeof setUp>;
type Assertion = readonly [string, (api: Api) => Promise<unknown>];

const reason = new Error('the reason');
const aborted = () => AbortSignal.abort(reason);
const named = (name: string) => expect.objectContaining({ name });
const rejects = (promise: Promise<unknown>) => expect(promise).rejects;
const invalid = (value: unknown) => value as LanguageModelPrompt;
const session = ({ LanguageModel }: Api) => LanguageModel.create();

async function read(stream: ReadableStream<string>): Promise<string> {
  let text = '';
  for await (const piece of stream as unknown as AsyncIterable<string>) {
    expect(typeof piece).toBe('string');
    text += piece;
  }
  return text;
}

const CREATION: readonly Assertion[] = [
  [
    'availability() is one of four words',
    async ({ LanguageModel: L }) =>
      expect(['unavailable', 'downloadable', 'downloading', 'available']).toContain(await L.availability()),
  ],
  [
    'availability() refuses a language that is no tag',
    ({ LanguageModel: L }) =>
      rejects(L.availability({ expectedInputs: [{ type: 'text', languages: ['x y'] }] })).toThrow(RangeError),
  ],
  [
    'availability() of inputs that cannot be read is unavailable',
    async ({ LanguageModel: L }) =>
      expect(await L.availability({ expectedInputs: [{ type: 'audio' }] })).toBe('unavailable'),
  ],
  [
    'params() gives defaults within their maximum',
    async ({ LanguageModel: L }) => {
      const { defaultTopK, maxTopK, defaultTemperature, maxTemperature } = await L.params();
      expect(defaultTopK).toBeLessThanOrEqual(maxTopK);
      expect(defaultTemperature).toBeLessThanOrEqual(maxTemperature);
    },
  ],
  [
    'create() rejects with the reason of an aborted signal',
    ({ LanguageModel: L }) => rejects(L.create({ signal: aborted() })).toBe(reason),
  ],
  [
    'create() hands an event target to the monitor, which hears of 0 and of 1',
    async ({ LanguageModel: L }) => {
      const heard: number[] = [];
      await L.create({
        monitor: (target) => {
          expect(target).toBeInstanceOf(EventTarget);
          target.addEventListener('downloadprogress', (event) => heard.push((event as ProgressEvent).loaded));
        },
      });
      expect([heard[0], heard.at(-1)]).toEqual([0, 1]);
      expect([...heard].sort((a, b) => a - b)).toEqual(heard);
    },
  ],
  [
    'create() rejects with what the monitor throws',
    ({ LanguageModel: L }) =>
      rejects(
        L.create({
          monitor: () => {
            throw reason;
          },
        }),
      ).toBe(reason),
  ],
  ['create() refuses a topK below 1', ({ LanguageModel: L }) => rejects(L.create({ topK: 0 })).toThrow(RangeError)],
  [
    'create() refuses a negative temperature',
    ({ LanguageModel: L }) => rejects(L.create({ temperature: -1 })).toThrow(RangeError),
  ],
  [
    'create() takes what is too high as the highest',
    async ({ LanguageModel: L }) => {
      const { topK, temperature } = await L.create({ topK: 10_000, temperature: 10 });
      const { maxTopK, maxTemperature } = await L.params();
      expect([topK, temperature]).toEqual([maxTopK, maxTemperature]);
    },
  ],
  [
    'create() refuses a system prompt that is not the first',
    ({ LanguageModel: L }) =>
      rejects(
        L.create({
          initialPrompts: [
            { role: 'user', content: 'a' },
            { role: 'system', content: 'b' },
          ],
        }),
      ).toThrow(TypeError),
  ],
  [
    'create() counts what it begins with',
    async ({ LanguageModel: L }) =>
      expect(
        (await L.create({ initialPrompts: [{ role: 'system', content: 'Be brief.' }] })).contextUsage,
      ).toBeGreaterThan(0),
  ],
  ['a session is an event target', async (api) => expect(await session(api)).toBeInstanceOf(EventTarget)],
  [
    'a session is an instance of its class',
    async (api) => expect(await session(api)).toBeInstanceOf(api.LanguageModel),
  ],
  ['oncontextoverflow is null at first', async (api) => expect((await session(api)).oncontextoverflow).toBeNull()],
  [
    'contextUsage lies within contextWindow',
    async (api) => {
      const { contextUsage, contextWindow } = await session(api);
      expect(contextUsage).toBeGreaterThanOrEqual(0);
      expect(contextUsage).toBeLessThanOrEqual(contextWindow);
    },
  ],
];

const PROMPTING: readonly Assertion[] = [
  [
    'prompt() resolves with a text',
    async (api) => expect(typeof (await (await session(api)).prompt('a'))).toBe('string'),
  ],
  [
    'prompt() takes a list of messages',
    async (api) => expect(await (await session(api)).prompt([{ role: 'user', content: 'a' }])).not.toBe(''),
  ],
  [
    'prompt() takes contents in parts',
    async (api) =>
      expect(await (await session(api)).prompt([{ role: 'user', content: [{ type: 'text', value: 'a' }] }])).not.toBe(
        '',
      ),
  ],
  [
    'prompt() grows the context',
    async (api) => {
      const one = await session(api);
      const before = one.contextUsage;
      await one.append('some more words');
      expect(one.contextUsage).toBeGreaterThan(before);
    },
  ],
  [
    'prompt() rejects with the reason of an aborted signal',
    async (api) => rejects((await session(api)).prompt('a', { signal: aborted() })).toBe(reason),
  ],
  [
    'prompt() refuses an unknown role',
    async (api) => rejects((await session(api)).prompt(invalid([{ role: 'robot', content: 'a' }]))).toThrow(TypeError),
  ],
  [
    'prompt() refuses a part that is no text',
    async (api) =>
      rejects(
        (await session(api)).prompt(invalid([{ role: 'user', content: [{ type: 'image', value: '' }] }])),
      ).toEqual(named('NotSupportedError')),
  ],
  [
    'prompt() refuses a text part whose value is none',
    async (api) =>
      rejects((await session(api)).prompt(invalid([{ role: 'user', content: [{ type: 'text', value: 1 }] }]))).toThrow(
        TypeError,
      ),
  ],
  [
    'prompt() refuses a prefix of the user’s',
    async (api) =>
      rejects((await session(api)).prompt([{ role: 'user', content: 'a', prefix: true }])).toEqual(
        named('SyntaxError'),
      ),
  ],
  [
    'prompt() refuses a prefix that is not the last',
    async (api) =>
      rejects(
        (await session(api)).prompt([
          { role: 'assistant', content: 'a', prefix: true },
          { role: 'user', content: 'b' },
        ]),
      ).toEqual(named('SyntaxError')),
  ],
  [
    'prompt() refuses a constraint that is no object',
    async (api) =>
      rejects((await session(api)).prompt('a', { responseConstraint: 'x' as unknown as object })).toThrow(TypeError),
  ],
  [
    'promptStreaming() is a stream at once, of texts that make up the answer',
    async (api) => {
      const stream = (await session(api)).promptStreaming('a');
      expect(stream).toBeInstanceOf(ReadableStream);
      expect(await read(stream)).toBe(await (await session(api)).prompt('a'));
    },
  ],
  [
    'promptStreaming() errors with the reason of an aborted signal',
    async (api) => rejects(read((await session(api)).promptStreaming('a', { signal: aborted() }))).toBe(reason),
  ],
  ['append() resolves with undefined', async (api) => expect(await (await session(api)).append('a')).toBeUndefined()],
  [
    'append() rejects with the reason of an aborted signal',
    async (api) => rejects((await session(api)).append('a', { signal: aborted() })).toBe(reason),
  ],
  [
    'measureContextUsage() is a number above 0 and changes nothing',
    async (api) => {
      const one = await session(api);
      const before = one.contextUsage;
      expect(await one.measureContextUsage('some words')).toBeGreaterThan(0);
      expect(one.contextUsage).toBe(before);
    },
  ],
  [
    'clone() has the same context and options',
    async ({ LanguageModel: L }) => {
      const one = await L.create({ topK: 3, temperature: 0.5, initialPrompts: [{ role: 'system', content: 'a' }] });
      const { topK, temperature, contextUsage, contextWindow } = await one.clone();
      expect({ topK, temperature, contextUsage, contextWindow }).toEqual({
        topK: one.topK,
        temperature: one.temperature,
        contextUsage: one.contextUsage,
        contextWindow: one.contextWindow,
      });
    },
  ],
  [
    'clone() rejects with the reason of an aborted signal',
    async (api) => rejects((await session(api)).clone({ signal: aborted() })).toBe(reason),
  ],
  [
    'clone() outlives its original',
    async (api) => {
      const one = await session(api);
      const copy = await one.clone();
      one.destroy();
      expect(await copy.prompt('a')).not.toBe('');
    },
  ],
  [
    'destroy() twice is no error',
    async (api) => {
      const one = await session(api);
      one.destroy();
      one.destroy();
    },
  ],
  [
    'after destroy() everything rejects with AbortError',
    async (api) => {
      const one = await session(api);
      one.destroy();
      for (const late of [
        () => one.prompt('a'),
        () => one.append('a'),
        () => one.clone(),
        () => one.measureContextUsage('a'),
      ])
        await rejects(late()).toEqual(named('AbortError'));
      await rejects(read(one.promptStreaming('a'))).toEqual(named('AbortError'));
    },
  ],
];

const ASSISTANTS: readonly Assertion[] = (['Summarizer', 'Writer', 'Rewriter'] as const).flatMap(
  (name): readonly Assertion[] => [
    [
      `${name}.availability() is one of four words`,
      async (api) =>
        expect(['unavailable', 'downloadable', 'downloading', 'available']).toContain(await api[name].availability()),
    ],
    [
      `${name}.create() refuses a length that is none`,
      (api) => rejects(api[name].create({ length: 'endless' as never })).toThrow(TypeError),
    ],
    [
      `${name}.create() rejects with the reason of an aborted signal`,
      (api) => rejects(api[name].create({ signal: aborted() })).toBe(reason),
    ],
    [
      `${name} keeps what it was created with`,
      async (api) =>
        expect(await api[name].create({ sharedContext: 'for children' })).toMatchObject({
          sharedContext: 'for children',
        }),
    ],
  ],
);

/** The same by the files of web-platform-tests that ask it. */
const TOOL = {
  name: 'lookup',
  description: 'Looks something up.',
  inputSchema: { type: 'object' },
  execute: () => 'x',
};
const circular: Record<string, unknown> = { type: 'object' };
circular['self'] = circular;
const withTool =
  (changes: object) =>
  ({ LanguageModel: L }: Api) =>
    L.create({ tools: [{ ...TOOL, ...changes }] });
const WRONG_TOOLS: readonly (readonly [string, object])[] = [
  ['a schema that is null', { inputSchema: null }],
  ['an empty schema', { inputSchema: {} }],
  ['a schema that is a text', { inputSchema: 'x' }],
  ['a schema without a type', { inputSchema: { properties: { a: { type: 'string' } } } }],
  ['a schema of another type', { inputSchema: { type: 'string' } }],
  ['properties that are none', { inputSchema: { type: 'object', properties: 'x' } }],
  ['required names that are no list', { inputSchema: { type: 'object', required: 'x' } }],
  ['a schema that holds itself', { inputSchema: circular }],
  ['an empty name', { name: '' }],
  ['an empty description', { description: '' }],
];
const MODES = [
  'most-predictable',
  'predictable',
  'slightly-predictable',
  'balanced',
  'slightly-creative',
  'creative',
  'most-creative',
] as const;

const FILES: readonly Assertion[] = [
  [
    'language-model-create: initial prompts with a system prompt, without one, and none',
    async ({ LanguageModel: L }) => {
      const talk = [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: 'hello' },
      ] as const;
      const system = { role: 'system', content: 'you are a robot' } as const;
      for (const initialPrompts of [[system, ...talk], talk, []]) await L.create({ initialPrompts });
      await rejects(L.create({ initialPrompts: [system, system, ...talk] })).toThrow(TypeError);
    },
  ],
  [
    'language-model-create: a topK between two numbers is the lower one',
    async ({ LanguageModel: L }) => expect((await L.create({ topK: 1.5, temperature: 0.5 })).topK).toBe(1),
  ],
  [
    'language-model-create: language tags in any case, and no others',
    async ({ LanguageModel: L }) => {
      await L.create({ expectedInputs: [{ type: 'text', languages: ['EN'] }] });
      const wrong = { expectedInputs: [{ type: 'text', languages: ['en-abc-invalid'] }] };
      await rejects(L.create(wrong)).toThrow(RangeError);
    },
  ],
  [
    'language-model-create-sampling-mode: every mode is kept, by copies too',
    async ({ LanguageModel: L }) => {
      for (const samplingMode of MODES) {
        const one = await L.create({ samplingMode });
        expect([one.samplingMode, (await one.clone()).samplingMode]).toEqual([samplingMode, samplingMode]);
      }
      await rejects(L.create({ samplingMode: 'wild' as never })).toThrow(TypeError);
    },
  ],
  [
    'language-model-create-sampling-mode: balanced where absent, null beside numbers, refused with them',
    async ({ LanguageModel: L }) => {
      expect((await L.create()).samplingMode).toBe('balanced');
      expect((await L.create({ temperature: 0.8, topK: 10 })).samplingMode).toBeNull();
      for (const numbers of [{ temperature: 0.8 }, { topK: 10 }, { temperature: 0.8, topK: 10 }]) {
        await rejects(L.create({ samplingMode: 'balanced', ...numbers })).toThrow(TypeError);
      }
    },
  ],
  [
    'language-model-abort: the signal of create() ends a session that it has created',
    async ({ LanguageModel: L }) => {
      const controller = new AbortController();
      const one = await L.create({ signal: controller.signal });
      controller.abort(reason);
      await rejects(one.prompt('a')).toBe(reason);
      await rejects(one.append('a')).toBe(reason);
    },
  ],
  [
    'language-model-destroy: a call that runs rejects, and properties stay',
    async (api) => {
      const one = await session(api);
      const running = one.prompt('a');
      one.destroy();
      await rejects(running).toEqual(named('AbortError'));
      expect([typeof one.contextWindow, typeof one.contextUsage]).toEqual(['number', 'number']);
    },
  ],
  [
    'language-model-clone: a copy that is asked goes its own way',
    async (api) => {
      const one = await session(api);
      await one.prompt('a');
      const copy = await one.clone();
      const before = one.contextUsage;
      await copy.append('and more words');
      expect(copy.contextUsage).not.toBe(before);
      expect(one.contextUsage).toBe(before);
    },
  ],
  ...([null, undefined, {}, '', [], [{ role: 'user', content: [] }]] as const).flatMap((input): Assertion[] => [
    [
      `prompt/empty-inputs: ${JSON.stringify(input)} is answered`,
      async (api) => expect(typeof (await (await session(api)).prompt(invalid(input)))).toBe('string'),
    ],
    [
      `prompt/streaming: ${JSON.stringify(input)} is answered`,
      async (api) => expect(typeof (await read((await session(api)).promptStreaming(invalid(input))))).toBe('string'),
    ],
    [
      `language-model-append: ${JSON.stringify(input)} is taken`,
      async (api) => expect(await (await session(api)).append(invalid(input))).toBeUndefined(),
    ],
  ]),
  [
    'prompt/rejections: a system message after others, with those that wait counted',
    async (api) => {
      const one = await session(api);
      const user = { role: 'user', content: 'a' } as const;
      const system = { role: 'system', content: 'b' } as const;
      await rejects(one.prompt([user, system])).toThrow(TypeError);
      await rejects(one.prompt([system, system])).toThrow(TypeError);
      const first = one.prompt(invalid(system));
      await rejects(one.prompt([system])).toThrow(TypeError);
      await first;
    },
  ],
  [
    'prompt/prompt-concurrent: several calls of one session are all answered',
    async (api) => {
      const one = await session(api);
      const answers = await Promise.all([one.prompt('a'), one.prompt('a'), one.prompt('b')]);
      expect(answers.every((answer) => answer.length > 0)).toBe(true);
    },
  ],
  [
    'prompt/prompt-post-abort: a session goes on after an abort',
    async (api) => {
      const one = await session(api);
      const controller = new AbortController();
      const first = one.prompt('a', { signal: controller.signal });
      controller.abort();
      await rejects(first).toEqual(named('AbortError'));
      expect(await one.prompt('a')).not.toBe('');
      const stream = one.promptStreaming('a', { signal: AbortSignal.abort() });
      await rejects(read(stream)).toEqual(named('AbortError'));
      expect(await read(one.promptStreaming('a'))).not.toBe('');
    },
  ],
  [
    'prompt/context: more than the window rejects, with how much was asked and how much there is',
    async (api) => {
      const one = await session(api);
      const long = 'word '.repeat(one.contextWindow + 10);
      const wanted = { name: 'QuotaExceededError', quota: one.contextWindow, requested: expect.any(Number) };
      await rejects(one.prompt(long)).toMatchObject(wanted);
      await rejects(one.append(long)).toMatchObject(wanted);
    },
  ],
  [
    'prompt/context: what was appended counts as it was measured',
    async (api) => {
      const one = await session(api);
      const measured = await one.measureContextUsage('some words');
      await one.append('some words');
      expect(one.contextUsage).toBe(measured);
    },
  ],
  [
    'response-constraint: a schema that holds itself is not supported',
    async (api) =>
      rejects((await session(api)).prompt('a', { responseConstraint: circular })).toEqual(named('NotSupportedError')),
  ],
  ...WRONG_TOOLS.map(
    ([what, changes]): Assertion => [
      `language-model-tool-use: ${what} is refused`,
      (api) => rejects(withTool(changes)(api)).toThrow(TypeError),
    ],
  ),
  [
    'language-model-tool-use: two of one name are refused, none is taken, and what a schema throws is passed on',
    async (api) => {
      await rejects(api.LanguageModel.create({ tools: [TOOL, TOOL] })).toThrow(TypeError);
      await api.LanguageModel.create({ tools: [] });
      const throwing = {
        type: 'object',
        toJSON: () => {
          throw reason;
        },
      };
      await rejects(withTool({ inputSchema: throwing })(api)).toBe(reason);
    },
  ],
  [
    'summarizer-summarize: nothing is made of nothing, and a context of spaces is none',
    async ({ Summarizer, Writer, Rewriter }) => {
      const summarizer = await Summarizer.create();
      expect([await summarizer.summarize(''), await summarizer.summarize(' ')]).toEqual(['', '']);
      expect(await read(summarizer.summarizeStreaming(' '))).toBe('');
      expect(await summarizer.summarize('a text', { context: ' ' })).not.toBe('');
      expect(await (await Writer.create()).write(' ')).toBe('');
      expect(await (await Rewriter.create()).rewrite('')).toBe('');
    },
  ],
  [
    'summarizer, writer, rewriter: calls at once, and a measure of the input',
    async ({ Summarizer, Writer, Rewriter }) => {
      const summarizer = await Summarizer.create();
      expect(await Promise.all([summarizer.summarize('a text'), summarizer.summarize('a text')])).toHaveLength(2);
      for (const one of [summarizer, await Writer.create(), await Rewriter.create()]) {
        expect(await one.measureInputUsage('some words')).toBeGreaterThan(0);
        expect(one.inputQuota).toBeGreaterThan(0);
      }
    },
  ],
  [
    'summarizer, writer, rewriter: the end, their own or that of the signal they were created with, rejects calls',
    async ({ Summarizer, Writer, Rewriter }) => {
      const summarizer = await Summarizer.create();
      const running = summarizer.summarize('a text');
      summarizer.destroy();
      await rejects(running).toEqual(named('AbortError'));
      await rejects(summarizer.measureInputUsage('a')).toEqual(named('AbortError'));
      const controller = new AbortController();
      const { signal } = controller;
      const writer = await Writer.create({ signal });
      const rewriter = await Rewriter.create({ signal });
      controller.abort(reason);
      await rejects(writer.write('a')).toBe(reason);
      await rejects(rewriter.rewrite('a')).toBe(reason);
      await rejects(rewriter.measureInputUsage('a')).toBe(reason);
    },
  ],
];

describe.each([
  ['creation', CREATION],
  ['prompting', PROMPTING],
  ['the writing assistants', ASSISTANTS],
  ['file by file', FILES],
] as const)('the platform’s assertions: %s', (_, assertions) => {
  it.each(assertions)('%s', async (_name, check) => {
    await check(setUp());
  });
});
