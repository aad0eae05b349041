import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/index.ts';
import type { AheadOptions, DecoderBackend } from '../decoder-backend.ts';
import { ScalarDecoder } from '../reference/index.ts';
import { createWebGpuBackend, type WebGpuBackendOptions } from './index.ts';
import { expectClose } from './testing/expect-close.ts';
import {
  type PlainLayer,
  type PlainSpec,
  type RandomModel,
  randomModel,
  randomNumbers,
} from './testing/random-model.ts';
import { gpuWith } from './testing/staged-gpu.ts';

/** Logits of a whole model in f32 against the exact ones. */
const TOLERANCE = 1e-3;

/** The shape of SmolLM2 in small. */
const SMALL: RandomModel = {
  hiddenSize: 96,
  feedForwardSize: 160,
  heads: 3,
  keyValueHeads: 1,
  headSize: 32,
  layers: 2,
  vocabularySize: 203,
  contextLength: 300,
  typeOf: (part) => (part === 'token_embd' ? 'Q8_0' : 'Q4_1'),
};

async function load(
  model: RandomModel,
  {
    change = (spec) => spec,
    ...options
  }: Partial<WebGpuBackendOptions> & { change?: (spec: PlainSpec) => PlainSpec } = {},
) {
  const { bytes, source, gguf, spec: ofFile } = await randomModel(model, 1);
  const spec = change(ofFile);
  const { contextLength } = spec;
  const backend = await createWebGpuBackend({ spec, gguf, source, contextLength, cacheFormat: 'f32', ...options });
  return { backend, newReference: () => new ScalarDecoder(spec, gguf, bytes) };
}

const turnedInHalves = (layer: PlainLayer): PlainLayer => {
  const { attention } = layer;
  if (attention.kind !== 'attention') return layer;
  return { ...layer, attention: { ...attention, rope: { ...attention.rope!, kind: 'halves', positionScale: 2 } } };
};

function randomTokens(count: number, vocabularySize = SMALL.vocabularySize): number[] {
  const random = randomNumbers(7);
  return Array.from({ length: count }, () => Math.floor(random() * vocabularySize));
}

const greedy = (maxTokens: number): AheadOptions => ({
  maxTokens,
  recent: [],
  randoms: () => [],
  sampling: {
    temperature: 0,
    topK: 0,
    topP: 1,
    minP: 0,
    repetitionPenalty: 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
  },
});

const argMax = (logits: ArrayLike<number>) => {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
};

describe('a small llama of Q4_1 and Q8_0', () => {
  let backend: DecoderBackend;
  let newReference: () => ScalarDecoder;
  beforeAll(async () => {
    ({ backend, newReference } = await load(SMALL));
  });
  afterEach(() => backend.truncate(0));
  afterAll(() => backend.dispose());

  it('says what it is', () => {
    expect(backend).toMatchObject({ kind: 'webgpu', threads: 1, vocabularySize: 203, contextLength: 300, position: 0 });
    expect(backend.description).toMatch(/^WebGPU, .+/);
    expect(backend.memoryBytes).toBeGreaterThan(100_000);
  });

  it('decodes token by token like the scalar decoder', async () => {
    const reference = newReference();
    for (const token of randomTokens(4)) {
      expectClose(await backend.forward([token]), reference.step(token), TOLERANCE);
    }
    expect(backend.position).toBe(4);
  });

  it('reads a prompt in chunks, gives the logits of every token, and decodes on', async () => {
    const reference = newReference();
    const tokens = randomTokens(140);
    const expected = tokens.map((token) => reference.step(token));
    const all = await backend.forward(tokens, { logits: 'all' });
    expectClose(
      all,
      expected.flatMap((logits) => [...logits]),
      TOLERANCE,
    );
    expectClose(await backend.forward([3]), reference.step(3), TOLERANCE);
  });

  it('gives the last logits of a prompt, or none', async () => {
    const reference = newReference();
    const tokens = randomTokens(70);
    const expected = tokens.map((token) => reference.step(token));
    expect(await backend.forward(tokens.slice(0, 69), { logits: 'none' })).toHaveLength(0);
    expectClose(await backend.forward(tokens.slice(69)), expected[69]!, TOLERANCE);
    backend.truncate(0);
    expectClose(await backend.forward(tokens), expected[69]!, TOLERANCE);
    backend.truncate(0);
    expect(await backend.forward([5], { logits: 'none' })).toHaveLength(0);
    expect(backend.position).toBe(1);
  });

  it('forgets what is truncated', async () => {
    const reference = newReference();
    const [a, b, c] = [reference.step(1), reference.step(2), reference.step(3)];
    await backend.forward([1, 99, 98, 97, 96]);
    backend.truncate(1);
    expectClose(await backend.forward([2, 3]), c, TOLERANCE);
    backend.truncate(1);
    expectClose(await backend.forward([2]), b, TOLERANCE);
    backend.truncate(0);
    expectClose(await backend.forward([1]), a, TOLERANCE);
    expect(() => backend.truncate(2)).toThrow(expect.objectContaining({ code: 'internal' }));
  });

  it('chooses the same tokens with several in flight as one by one', async () => {
    const prompt = randomTokens(5);
    let token = argMax(await backend.forward(prompt));
    const first = token;
    const oneByOne: number[] = [];
    while (oneByOne.length < 20) {
      token = argMax(await backend.forward([token]));
      oneByOne.push(token);
    }
    backend.truncate(5);
    const inFlight: number[] = [];
    for await (const { token: next } of backend.decodeAhead!(first, greedy(20))) inFlight.push(next);
    expect(inFlight).toEqual(oneByOne);
    expect(backend.position).toBe(25);
    // Stopped early: what ran ahead is forgotten.
    backend.truncate(5);
    const some: number[] = [];
    for await (const { token: next } of backend.decodeAhead!(first, greedy(20))) if (some.push(next) === 3) break;
    expect(some).toEqual(oneByOne.slice(0, 3));
    expect(backend.position).toBe(8);
    expect(argMax(await backend.forward([some[2]!]))).toBe(oneByOne[3]);
  });

  it('stops a run ahead at the end of the context', async () => {
    await backend.forward(randomTokens(297), { logits: 'none' });
    let count = 0;
    for await (const _ of backend.decodeAhead!(1, greedy(50))) count += 1;
    expect(count).toBe(3);
    expect(backend.position).toBe(300);
    await expect(backend.forward([1])).rejects.toMatchObject({ code: 'prompt-too-long' });
  });

  it('aborts between chunks and between tokens, and can be used on', async () => {
    const controller = new AbortController();
    const running = backend.forward(randomTokens(290), { logits: 'none', signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    // A fast device reads all of it in the one chunk that was under way.
    expect(backend.position).toBeLessThanOrEqual(290);
    await expect(backend.forward([1], { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });

    backend.truncate(0);
    const later = new AbortController();
    const seen: number[] = [];
    const loop = async () => {
      for await (const { token: next } of backend.decodeAhead!(1, { ...greedy(100), signal: later.signal })) {
        if (seen.push(next) === 2) later.abort();
      }
    };
    await expect(loop()).rejects.toMatchObject({ name: 'AbortError' });
    expect(backend.position).toBe(2);
    backend.truncate(0);
    expectClose(await backend.forward([1]), newReference().step(1), TOLERANCE);
  });

  it('refuses what makes no sense', async () => {
    await expect(backend.forward([])).rejects.toMatchObject({ code: 'empty-prompt' });
    await expect(backend.forward([203])).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(backend.forward([-1])).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(backend.forward(randomTokens(301))).rejects.toMatchObject({ code: 'prompt-too-long' });
    const running = backend.forward([1, 2]);
    await expect(backend.forward([1])).rejects.toMatchObject({ code: 'internal' });
    await running;
  });
});

it('runs models that are wide enough for the other tuning', async () => {
  const model: RandomModel = {
    ...SMALL,
    hiddenSize: 800,
    feedForwardSize: 224,
    layers: 1,
    vocabularySize: 90,
    contextLength: 64,
  };
  const { backend, newReference } = await load(model);
  try {
    const reference = newReference();
    const tokens = randomTokens(36, 90);
    const expected = tokens.map((token) => reference.step(token));
    for (let i = 0; i < 3; i++) expectClose(await backend.forward([tokens[i]!]), expected[i]!, TOLERANCE);
    expectClose(await backend.forward(tokens.slice(3)), expected[35]!, TOLERANCE);
    const [next] = await Array.fromAsync(backend.decodeAhead!(4, greedy(1)));
    expect(next?.token).toBe(argMax(reference.step(4)));
  } finally {
    backend.dispose();
  }
});

it('runs what other models are made of, within the limits every device has', async () => {
  // Heads of 80 with rope over the first 40 in halves; queries, keys and values in three block types, the last with a bias; a
  // width that is no whole block; an output of its own, cut into parts; scales everywhere.
  const types: Readonly<Record<string, GgmlTypeName>> = {
    attn_q: 'F32',
    attn_k: 'F16',
    attn_v: 'F32',
    attn_output: 'Q4_0',
    output: 'F32',
    token_embd: 'F32',
  };
  const model: RandomModel = {
    hiddenSize: 112,
    feedForwardSize: 96,
    heads: 2,
    keyValueHeads: 1,
    headSize: 80,
    layers: 1,
    vocabularySize: 700,
    contextLength: 100,
    ropeDimensions: 40,
    isTied: false,
    typeOf: (part) => types[part] ?? (part === 'ffn_down' ? 'Q8_0' : 'F16'),
  };
  const { backend, newReference } = await load(model, {
    defaultLimits: true,
    gpu: gpuWith({ limits: { maxStorageBufferBindingSize: 250_000 } }).gpu,
    change: (spec) => ({
      ...spec,
      layers: spec.layers.map(turnedInHalves).map((layer) => ({
        ...layer,
        attention: { ...layer.attention, value: { ...layer.attention.value, bias: vectorOf('output_norm', 80) } },
      })),
      embeddingScale: 3,
      residualScale: 0.7,
      logitScale: 0.5,
    }),
  });
  try {
    const reference = newReference();
    const tokens = [...randomTokens(30, 700), 0, 699, 448, 447];
    const expected = tokens.map((token) => reference.step(token));
    for (let i = 0; i < 3; i++) expectClose(await backend.forward([tokens[i]!]), expected[i]!, TOLERANCE);
    const rest = await backend.forward(tokens.slice(3), { logits: 'all' });
    expectClose(
      rest,
      expected.slice(3).flatMap((logits) => [...logits]),
      TOLERANCE,
    );
    for (const token of [699, 0]) expectClose(await backend.forward([token]), reference.step(token), TOLERANCE);
  } finally {
    backend.dispose();
  }
});

it.each([
  [320, 12],
  [512, undefined],
])('attends with heads of %d values, within a window of %s positions', async (headSize, window) => {
  const model = { ...SMALL, heads: 2, keyValueHeads: 1, headSize, layers: 1, vocabularySize: 64, contextLength: 64 };
  const { backend, newReference } = await load(model, {
    defaultLimits: true,
    change: (spec) => ({
      ...spec,
      layers: spec.layers.map((layer) => ({ ...layer, attention: { ...layer.attention, window } })),
    }),
  });
  try {
    const reference = newReference();
    const tokens = randomTokens(42, 64);
    const expected = tokens.map((token) => reference.step(token));
    for (let i = 0; i < 2; i++) expectClose(await backend.forward([tokens[i]!]), expected[i]!, TOLERANCE);
    const all = await backend.forward(tokens.slice(2, 40), { logits: 'all' });
    expectClose(
      all,
      expected.slice(2, 40).flatMap((logits) => [...logits]),
      TOLERANCE,
    );
    for (let i = 40; i < 42; i++) expectClose(await backend.forward([tokens[i]!]), expected[i]!, TOLERANCE);
  } finally {
    backend.dispose();
  }
});

/** Vectors of the file that stand in for ones that only other models have. */
const vectorOf = (part: string, size: number, first = 0) =>
  ({ name: `${part}.weight`, type: 'F32', size, first }) as const;
const vector = (layer: number, size: number, first = 0) => vectorOf(`blk.${layer}.ffn_norm`, size, first);

const OTHER_MODELS: readonly (readonly [string, (spec: PlainSpec) => PlainSpec])[] = [
  [
    'norms of heads and after blocks, soft caps, windows, two ropes',
    (spec) => ({
      ...spec,
      logitSoftCap: 3,
      layers: spec.layers.map((layer, index) => ({
        ...layer,
        attention: {
          ...layer.attention,
          softCap: 2,
          window: index === 0 ? 5 : undefined,
          rope: {
            ...layer.attention.rope!,
            kind: 'halves',
            dimensions: index === 0 ? 32 : 12,
            base: 500,
            magnitude: 1.2,
            yarn: index === 0 ? { originalContext: 64, betaFast: 32, betaSlow: 1 } : undefined,
            positionScale: 4,
          },
          queryNorm: { weight: vector(0, 32), over: 'head', isAfterRope: false },
          keyNorm: { weight: vector(1, 32, 7), over: 'head', isAfterRope: false },
        },
        attentionPostNorm: { weight: vector(0, 96), bias: undefined },
        feedForwardPostNorm: { weight: vector(1, 96), bias: undefined },
        feedForward: { ...layer.feedForward, activation: 'gelu' },
      })),
    }),
  ],
  [
    'parallel blocks, layer norms with a bias, biases, no gate',
    (spec) => ({
      ...spec,
      norm: { kind: 'layer', epsilon: 1e-5 },
      isParallel: true,
      finalNorm: { weight: spec.finalNorm.weight, bias: vector(0, 96) },
      layers: spec.layers.map((layer) => {
        const { query, key, value, output } = layer.attention;
        return {
          ...layer,
          attentionNorm: { weight: vector(0, 96), bias: vector(1, 96) },
          feedForwardNorm: { weight: undefined, bias: undefined },
          attention: {
            ...layer.attention,
            query: { ...query, bias: vector(0, 96) },
            key: { ...key, bias: vector(1, 32) },
            value: { ...value, bias: vector(1, 32, 32) },
            output: { ...output, bias: vector(0, 96) },
          },
          feedForward: {
            ...layer.feedForward,
            activation: 'relu-squared',
            gate: undefined,
            down: { ...layer.feedForward.down, bias: vector(1, 96) },
          },
        };
      }),
    }),
  ],
  [
    'norms of whole rows after rope, RMS norms without weights, layers without rope',
    (spec) => ({
      ...spec,
      finalNorm: { weight: undefined, bias: undefined },
      layers: spec.layers.map((layer, index) => ({
        ...layer,
        attentionNorm: index === 0 ? undefined : { weight: undefined, bias: undefined },
        attention: {
          ...layer.attention,
          rope: index === 0 ? layer.attention.rope : undefined,
          queryNorm: { weight: vector(0, 96), over: 'row', isAfterRope: true },
          keyNorm: { weight: vector(1, 32), over: 'row', isAfterRope: true },
        },
      })),
    }),
  ],
];

it.each(OTHER_MODELS)('runs %s', async (_, change) => {
  const { backend, newReference } = await load({ ...SMALL, contextLength: 64 }, { change });
  try {
    const reference = newReference();
    const tokens = randomTokens(20);
    const expected = tokens.map((token) => reference.step(token));
    for (let i = 0; i < 8; i++) expectClose(await backend.forward([tokens[i]!]), expected[i]!, TOLERANCE);
    expectClose(await backend.forward(tokens.slice(8)), expected[19]!, TOLERANCE);
  } finally {
    backend.dispose();
  }
});

it('keeps keys and values in halves where nothing else is said', async () => {
  const { backend, newReference } = await load({ ...SMALL, contextLength: 64 }, { cacheFormat: undefined });
  try {
    const reference = newReference();
    const tokens = randomTokens(40);
    const expected = tokens.map((token) => reference.step(token));
    await backend.forward(tokens.slice(0, 30), { logits: 'none' });
    for (let i = 30; i < 40; i++) expectClose(await backend.forward([tokens[i]!]), expected[i]!, 1e-2);
  } finally {
    backend.dispose();
  }
});
