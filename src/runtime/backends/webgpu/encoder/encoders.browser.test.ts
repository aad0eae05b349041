import { afterEach, describe, expect, it } from 'vitest';
import encodersJson from '../../../../../scripts/goldens/encoders.json';
import minilmJson from '../../../../../scripts/goldens/minilm.json';
import { readGguf } from '../../../../formats/gguf/index.ts';
import { ggufFacts } from '../../../../library/gguf-facts.ts';
import { BlobByteSource } from '../../../../shared/index.ts';
import { encoderSpecFromGguf } from '../../../architectures/index.ts';
import type { EncoderBackend } from '../../encoder-backend.ts';
import { RenewingEncoder } from '../../renewing-encoder.ts';
import { gpuWith } from '../testing/staged-gpu.ts';
import { createWebGpuEncoder, type WebGpuEncoderOptions } from './index.ts';

interface Case {
  readonly text: string;
  readonly ids: readonly number[];
  /** Base64 of 32-bit floats of unit length. */
  readonly vector: string;
}

const tiny: Readonly<Record<string, readonly Case[]>> = encodersJson.encoders;
const minilm: readonly Case[] = minilmJson.cases;
const MINILM = '/models/all-minilm-l6-v2/all-MiniLM-L6-v2.Q8_0.gguf';
const tinyPath = (architecture: string) => `/src/runtime/backends/cpu/testing/encoders/${architecture}.gguf`;

/** What has been compared, for the page that says so. */
const page: string[] = [];

let open: EncoderBackend[] = [];

async function load(path: string, changes: Partial<WebGpuEncoderOptions> = {}): Promise<EncoderBackend> {
  const response = await fetch(path);
  expect(response.ok).toBe(true);
  const source = new BlobByteSource(await response.blob());
  const gguf = await readGguf(source);
  const encoder = await createWebGpuEncoder({ spec: encoderSpecFromGguf(gguf), gguf, source, ...changes });
  // As the planner states it: weights as the processor holds them, or less, and the working space of a job.
  const { weightsBytes, workingBytes, graphicsBytes = 0 } = (await ggufFacts(gguf, source.size)).memory;
  expect(encoder.memoryBytes).toBeLessThanOrEqual(Math.max(weightsBytes, source.size) + graphicsBytes);
  expect(graphicsBytes).toBeGreaterThan(workingBytes / 4);
  open.push(encoder);
  return encoder;
}

afterEach(() => {
  for (const encoder of open) encoder.dispose();
  open = [];
});

function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer);
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Cosine and greatest difference of unit vectors. */
function nearness(a: Float32Array, b: Float32Array) {
  let [cosine, most] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    cosine += a[i]! * b[i]!;
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
  }
  return { cosine, most };
}

/** Softmax runs over tiles of keys, which begin where the text before ends: values differ by the order of their sums. */
function expectSame(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  expect(actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)).toBeLessThan(1e-5);
}

async function compare(encoder: EncoderBackend, cases: readonly Case[]) {
  const vectors = await encoder.encode(cases.map(({ ids }) => ids));
  const { dimensions } = encoder;
  return cases.map(({ vector }, index) =>
    nearness(unit(vectors.slice(index * dimensions, (index + 1) * dimensions)), floats(vector)),
  );
}

describe('every architecture on the GPU, against llama.cpp', () => {
  it.each(Object.entries(tiny))('%s', async (architecture, cases) => {
    const encoder = await load(tinyPath(architecture), { defaultLimits: true });
    for (const [index, { cosine, most }] of (await compare(encoder, cases)).entries()) {
      expect(cosine, cases[index]?.text).toBeGreaterThan(0.9999);
      expect(most, cases[index]?.text).toBeLessThan(0.005);
    }
    page.push(`- ${architecture}: F16`);
  });

  it('has its page up to date', async () => {
    const lines = [
      '# Encoders on the GPU',
      '',
      'Made by the test run (`src/runtime/backends/webgpu/encoder/encoders.browser.test.ts`); not edited by hand. Of each model',
      'below, tiny and random, the engine gave the vectors of llama.cpp for five texts: cosine above 0.9999, no value of a unit',
      'vector further away than 0.005. The embedded all-MiniLM-L6-v2 in Q8_0 comes within 0.999 of its float weights.',
      '',
      ...page.sort(),
      '',
    ].join('\n');
    await expect(lines).toMatchFileSnapshot('../../../../../docs/models/encoders-webgpu.md');
  });
});

it('comes as near to the float weights of MiniLM as its Q8_0 weights are', async () => {
  const encoder = await load(MINILM, { defaultLimits: true });
  // Few and short: the adapter in software computes a thousand times slower than a GPU.
  const some = minilm.filter(({ ids }) => ids.length < 12).slice(0, 3);
  expect(some.length).toBe(3);
  for (const [index, { cosine }] of (await compare(encoder, some)).entries()) {
    expect(cosine, some[index]?.text).toBeGreaterThan(0.999);
  }
});

describe('the encoder on the GPU', () => {
  const ids = (tiny['bert'] ?? []).map((one) => one.ids);
  const bert = (changes: Partial<WebGpuEncoderOptions> = {}) =>
    load(tinyPath('bert'), { defaultLimits: true, ...changes });

  it('gives a text the same vector whatever stands beside it and in whichever job it lands', async () => {
    const encoder = await bert();
    const alone: Float32Array[] = [];
    for (const one of ids) alone.push(await encoder.encode([one]));
    const done: number[] = [];
    const many = Array.from({ length: 40 }, (_, index) => ids[index % ids.length]!);
    const together = await encoder.encode(many, { onProgress: (count) => done.push(count) });
    for (let index = 0; index < many.length; index++) {
      expectSame(together.slice(index * 64, (index + 1) * 64), alone[index % ids.length]!);
    }
    // Several jobs, told in order.
    expect(done.length).toBeGreaterThan(1);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBe(40);
    expect(await encoder.encode([])).toEqual(new Float32Array(0));
  });

  it('gives the means of words, zeros for empty ones, and more of them than fit in one reading', async () => {
    const encoder = await load(tinyPath('nomic-bert'), { defaultLimits: true });
    const [text, other] = [ids[0]!, ids[1]!];
    const count = 1_100;
    const spans = [
      [
        [0, text.length],
        [2, 2],
      ],
      Array.from({ length: count }, () => [0, other.length] as const),
    ] as const;
    const words = await encoder.encode([text, other], { spans });
    const [whole, second] = [await encoder.encode([text]), await encoder.encode([other])];
    expectSame(words.slice(0, 64), whole);
    expect(words.slice(64, 128)).toEqual(new Float32Array(64));
    expect(words.length).toBe((count + 2) * 64);
    expectSame(words.slice(-64), second);
  });

  it('refuses texts without tokens, texts that are too long and calls after its end, and can be aborted', async () => {
    const encoder = await bert({ contextLength: 20 });
    const refusal = (code: string) => expect.objectContaining({ code });
    await expect(encoder.encode([[]])).rejects.toEqual(refusal('empty-prompt'));
    await expect(encoder.encode([new Array(21).fill(5)])).rejects.toEqual(refusal('prompt-too-long'));
    await expect(encoder.encode([[5]], { signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError');
    const running = encoder.encode([[5]]);
    await expect(encoder.encode([[5]])).rejects.toEqual(refusal('internal'));
    await running;
    await expect(bert({ contextLength: 500 })).rejects.toEqual(refusal('invalid-option'));
    const controller = new AbortController();
    const many = Array.from({ length: 100 }, () => ids[0]!);
    const stopped = encoder.encode(many, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toHaveProperty('name', 'AbortError');
    expect((await encoder.encode([ids[1]!])).length).toBe(64);
    encoder.dispose();
    await expect(encoder.encode([[5]])).rejects.toEqual(refusal('disposed'));
  });

  it('refuses what the device cannot hold or has not got, by code', async () => {
    const refusal = (code: string) => expect.objectContaining({ code });
    await expect(bert({ gpu: gpuWith({ isFull: true }).gpu })).rejects.toEqual(refusal('gpu-out-of-memory'));
    const small = gpuWith({ limits: { maxStorageBufferBindingSize: 100_000 } });
    await expect(bert({ gpu: small.gpu })).rejects.toEqual(refusal('backend-unavailable'));
    await expect(bert({ gpu: gpuWith({ nullAnswers: 9 }).gpu })).rejects.toEqual(refusal('backend-unavailable'));
  });

  it('takes smaller jobs where the device holds only those', async () => {
    const large = await bert();
    const small = await bert({ gpu: gpuWith({ limits: { maxStorageBufferBindingSize: 2_000_000 } }).gpu });
    expect(small.memoryBytes).toBeLessThan(large.memoryBytes);
    expectSame(await small.encode(ids), await large.encode(ids));
  });

  it('goes on with the texts that are left when the device is lost', async () => {
    const { gpu, opened } = gpuWith({});
    const expected = await (await bert()).encode(ids);
    let renewals = 0;
    const encoder = new RenewingEncoder(await bert({ gpu }), () => {
      renewals += 1;
      return bert();
    });
    const told: number[] = [];
    const lose = (done: number) => {
      told.push(done);
      if (done < ids.length) opened.device?.destroy();
    };
    const many = Array.from({ length: 40 }, (_, index) => ids[index % ids.length]!);
    const vectors = await encoder.encode(many, { onProgress: lose });
    expectSame(vectors.slice(-expected.length), expected);
    expectSame(vectors.slice(0, expected.length), expected);
    expect(told.at(-1)).toBe(40);
    opened.device?.destroy();
    expectSame(await encoder.encode(ids), expected);
    expect(renewals).toBeLessThanOrEqual(2);
  });
});
