import { describe, expect, it } from 'vitest';
import { type Assertion, aborted, invalid, named, read, reason, rejects, session, setUp } from './testing/platform.ts';

/**
 * What the web platform's own tests ask of an implementation, written anew: one entry an assertion.
 * Sources: webmachinelearning.github.io/prompt-api and /writing-assistance-apis, and the files of web-platform-tests under
 * ai/language-model, ai/summarizer, ai/writer and ai/rewriter. Left out: what needs a frame, a user's gesture, pictures or
 * sound, and two questions where we keep to the specification: a destroyed session rejects with AbortError (there
 * InvalidStateError), and topK may come without a temperature.
 */
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

describe.each([
  ['creation', CREATION],
  ['prompting', PROMPTING],
  ['the writing assistants', ASSISTANTS],
] as const)('the platform’s assertions: %s', (_, assertions) => {
  it.each(assertions)('%s', async (_name, check) => {
    await check(setUp());
  });
});
