import { describe, expect, it } from 'vitest';
import { type Api, type Assertion, invalid, named, read, reason, rejects, session, setUp } from './testing/platform.ts';

/** What the files of web-platform-tests ask beside platform.test.ts, by their names. */
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

describe('the platform’s assertions, file by file', () => {
  it.each(FILES)('%s', async (_name, check) => {
    await check(setUp());
  });
});
