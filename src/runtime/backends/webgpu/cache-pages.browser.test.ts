import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSession } from '../../generation/session.ts';
import { createByteTokenizer } from '../../generation/testing/byte-tokenizer.ts';
import { CACHE_PAGE_TOKENS, type CachePages, type DecoderBackend } from '../decoder-backend.ts';
import { createWebGpuBackend } from './index.ts';
import { expectClose } from './testing/expect-close.ts';
import { type RandomModel, randomModel } from './testing/random-model.ts';

/** Two layers of grouped heads; a context that ends within a page. */
const MODEL: RandomModel = {
  hiddenSize: 64,
  feedForwardSize: 64,
  heads: 4,
  keyValueHeads: 2,
  headSize: 16,
  layers: 2,
  vocabularySize: 258,
  contextLength: 200,
  typeOf: () => 'F32',
};

let backend: DecoderBackend;
let pages: CachePages;
beforeAll(async () => {
  const { source, gguf, spec } = await randomModel(MODEL, 1);
  backend = await createWebGpuBackend({ spec, gguf, source, contextLength: 200 });
  pages = backend.pages!;
}, 120_000);
afterAll(() => backend.dispose());

const text = (seed: number, length: number) => Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 3)) % 256);

it('goes on from copied pages as if it had read the text, up to the end of the context', async () => {
  const tokens = text(1, 198);
  await backend.forward(tokens.slice(0, 197), { logits: 'none' });
  const expected = (await backend.forward([tokens[197]!])).slice();
  const copies = await pages.read(0, Math.ceil(198 / CACHE_PAGE_TOKENS));
  expect(copies.map(({ byteLength }) => byteLength)).toEqual(Array(4).fill(pages.pageBytes));
  expect(pages.pageBytes).toBe(2 * 2 * 2 * 16 * 2 * 64);

  backend.truncate(0);
  await backend.forward(text(9, 200), { logits: 'none' });
  backend.truncate(0);
  await pages.write(0, copies, tokens.slice(0, 197));
  expect(backend.position).toBe(197);
  expectClose(await backend.forward([tokens[197]!]), expected, 1e-6);

  // A page in the middle of which the text goes another way.
  backend.truncate(0);
  await backend.forward([...tokens.slice(0, 70), ...text(5, 40)], { logits: 'none' });
  await pages.write(1, copies.slice(1), tokens.slice(0, 197));
  expectClose(await backend.forward([tokens[197]!]), expected, 1e-6);
}, 120_000);

it('refuses pages that leave a gap or do not fit', async () => {
  backend.truncate(0);
  await backend.forward(text(1, 64), { logits: 'none' });
  const [page] = await pages.read(0, 1);
  for (const [from, list, length] of [
    [2, [page!], 140],
    [0, [page!], 65],
    [1, [page!], 10],
    [0, [page!.slice(4)], 64],
  ] as const) {
    await expect(pages.write(from, list, text(1, length))).rejects.toMatchObject({ code: 'internal' });
  }
  expect(backend.position).toBe(64);
}, 120_000);

it('lets conversations take turns without reading anything twice, and guesses without changing a token', async () => {
  backend.truncate(0);
  // Room for both texts, each with the page that it ends in.
  const session = createSession(backend, createByteTokenizer(), { cacheBytes: 2 ** 22 });
  const request = (prompt: string, speculation: 'auto' | 'off' = 'off') => ({
    callId: prompt,
    prompt: [{ kind: 'text' as const, text: prompt }],
    maxTokens: 12,
    stop: [],
    speculation,
    sampling: {
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0,
      repetitionPenalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      seed: 1,
    },
  });
  const [one, two] = ['one fish, two fish, '.repeat(4), 'another text altogether, '.repeat(4)];
  const first = await session.generate(request(one));
  await session.generate(request(two));
  const again = await session.generate(request(one));
  expect(again.tokenIds).toEqual(first.tokenIds);
  expect(again.timings.cachedTokens).toBe(again.timings.promptTokens - 1);
  const guessed = await session.generate(request(one, 'auto'));
  expect(guessed.tokenIds).toEqual(first.tokenIds);
  // Log-probabilities take one step at a time, where guesses are made.
  const stepwise = await session.generate({ ...request(one, 'auto'), topLogprobs: 1 });
  expect(stepwise.tokenIds).toEqual(first.tokenIds);
}, 120_000);
