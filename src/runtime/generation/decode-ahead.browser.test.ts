import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SamplingOptions } from '../../protocol/index.ts';
import { createCpuBackend } from '../backends/cpu/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { createWebGpuBackend } from '../backends/webgpu/index.ts';
import { type RandomModel, randomModel } from '../backends/webgpu/testing/random-model.ts';
import type { Tokenizer } from '../text/index.ts';
import { createSession } from './session.ts';
import { SpeculationPace } from './speculation/index.ts';
import { createByteTokenizer } from './testing/byte-tokenizer.ts';

/** Small, with a vocabulary of several tiles; weights nobody trained repeat themselves, so penalties have work. */
const MODEL: RandomModel = {
  hiddenSize: 64,
  feedForwardSize: 64,
  heads: 2,
  keyValueHeads: 1,
  headSize: 32,
  layers: 1,
  vocabularySize: 2600,
  contextLength: 256,
  typeOf: () => 'F32',
};

const GREEDY: SamplingOptions = {
  temperature: 0,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 5,
};

let model: Awaited<ReturnType<typeof randomModel>>;
let backend: DecoderBackend;
beforeAll(async () => {
  model = await randomModel(MODEL, 3);
  backend = await createWebGpuBackend({ ...model, contextLength: 256 });
});
afterAll(() => backend.dispose());

/** The same engine without its own way to choose: every token from all logits. */
const fromLogits = (engine: DecoderBackend): DecoderBackend =>
  new Proxy(engine, {
    get: (target, key) => {
      if (key === 'decodeAhead') return undefined;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** Every token is a letter and none ends the answer. */
const tokenizer: Tokenizer = Object.defineProperties(createByteTokenizer(), {
  tokenBytes: { value: () => Uint8Array.of(120) },
  endTokenIds: { value: new Set<number>() },
});

async function answer(engine: DecoderBackend, sampling: SamplingOptions, maxTokens = 30) {
  backend.truncate(0);
  const session = createSession(engine, tokenizer);
  const { tokenIds, finishReason } = await session.generate({
    callId: 'test',
    prompt: [{ kind: 'text', text: 'abc' }],
    maxTokens,
    stop: [],
    sampling,
    speculation: 'off',
  });
  return { tokenIds, finishReason };
}

it.each([
  ['the likeliest', GREEDY],
  ['the likeliest, repetitions punished', { ...GREEDY, repetitionPenalty: 1.3 }],
  ['the likeliest, frequent ones punished', { ...GREEDY, frequencyPenalty: 0.7, presencePenalty: 0.4 }],
  ['drawn', { ...GREEDY, temperature: 1.5, topK: 40, topP: 1, minP: 0 }],
  ['drawn hot from all that are kept', { ...GREEDY, temperature: 5, topK: 64, topP: 1, minP: 0, seed: 9 }],
  [
    'drawn with all filters and penalties',
    { ...GREEDY, temperature: 0.8, repetitionPenalty: 1.2, presencePenalty: 0.3 },
  ],
])('an engine that runs ahead writes the same tokens: %s', async (_, sampling) => {
  const ahead = await answer(backend, sampling);
  expect(ahead.tokenIds).toHaveLength(30);
  expect(ahead).toEqual(await answer(fromLogits(backend), sampling));
});

it('writes the same with guesses, of the text itself and of a model on the processor, and counts them', async () => {
  const draftBackend = await createCpuBackend({ ...model, contextLength: 256, threads: 1 });
  const write = async (speculation: 'auto' | 'off', drafter: { readonly draftBackend?: DecoderBackend } = {}) => {
    backend.truncate(0);
    // However dear guesses are on an adapter in software.
    const pace = Object.assign(new SpeculationPace('webgpu'), { best: () => 4 });
    const session = createSession(fromLogits(backend), tokenizer, { pace, ...drafter });
    const prompt = [{ kind: 'text' as const, text: 'abcabcabc' }];
    const asked = { callId: 'test', prompt, maxTokens: 24, stop: [], sampling: GREEDY, speculation };
    const { tokenIds, timings } = await session.generate(asked);
    return { tokenIds, counts: timings.speculation };
  };
  const plain = await write('off');
  expect(plain.counts).toBeUndefined();
  for (const drafter of [{}, { draftBackend }]) {
    const { tokenIds, counts } = await write('auto', drafter);
    expect(tokenIds).toEqual(plain.tokenIds);
    expect(counts?.draftedTokens).toBeGreaterThan(0);
    expect(counts?.acceptedTokens).toBeGreaterThan(0);
  }
  draftBackend.dispose();
});

it('writes on past what one run can hold, up to the end of the context', async () => {
  const { tokenIds, finishReason } = await answer(backend, { ...GREEDY, repetitionPenalty: 1.1 }, 1000);
  expect(finishReason).toBe('length');
  // The last token needs no place of its own.
  expect(tokenIds.length).toBe(256 - 3 + 1);
});
