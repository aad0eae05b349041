import { afterEach, expect, test } from 'vitest';
import type { DecoderBackend } from '../decoder-backend.ts';
import { createWebGpuBackend } from './index.ts';
import { type RandomModel, randomModel, randomNumbers } from './testing/random-model.ts';
import { ScalarDecoder } from './testing/scalar-decoder.ts';

/** The shape of SmolLM2 in small. */
const BASE: RandomModel = {
  hiddenSize: 96,
  feedForwardSize: 160,
  heads: 3,
  keyValueHeads: 1,
  headSize: 32,
  layers: 2,
  vocabularySize: 203,
  typeOf: (part) => (part === 'token_embd' ? 'Q8_0' : 'Q4_1'),
};

let backend: DecoderBackend | undefined;
afterEach(() => backend?.dispose());

async function load(model: RandomModel, seed = 1) {
  const { bytes, source, gguf, spec } = await randomModel(model, seed);
  backend = await createWebGpuBackend({ spec, gguf, source, contextLength: model.contextLength ?? 512 });
  return { backend, reference: new ScalarDecoder(spec, gguf, bytes) };
}

function randomTokens(count: number, vocabularySize: number, seed = 7): number[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, () => Math.floor(random() * vocabularySize));
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-3): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  expect(worst).toBeLessThan(tolerance);
}

test('token by token, logits are those of the scalar decoder', async () => {
  const { backend, reference } = await load(BASE);
  for (const token of randomTokens(5, BASE.vocabularySize)) {
    expectClose(await backend.forward([token]), reference.step(token));
  }
  expect(backend.position).toBe(5);
});

test('a prompt read in chunks gives the logits of the scalar decoder, and decoding goes on from there', async () => {
  const { backend, reference } = await load(BASE);
  const tokens = randomTokens(150, BASE.vocabularySize);
  const expected = tokens.map((token) => reference.step(token));
  const all = await backend.forward(tokens, { logits: 'all' });
  expectClose(
    all,
    expected.flatMap((logits) => [...logits]),
  );
  expectClose(await backend.forward([3]), reference.step(3));
});
