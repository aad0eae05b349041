import { describe, expect, it, vi } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { MemoryByteSource, SottoError } from '../../../shared/index.ts';
import type { CpuBackendOptions } from './create-cpu-backend.ts';
import { createCpuBackend } from './create-cpu-backend.ts';
import { typesWithKernel } from './kernel-types.ts';
import { compileFromDisk } from './testing/node-model.ts';
import { makeTinyModel } from './testing/tiny-model.ts';

const tiny = makeTinyModel();

const open = (overrides: Partial<CpuBackendOptions> = {}) =>
  createCpuBackend({ ...tiny, contextLength: 200, threads: 1, build: 'plain', compile: compileFromDisk, ...overrides });

async function codeOf(call: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof call === 'function' ? call() : call);
    return 'no error';
  } catch (error) {
    return SottoError.isInstance(error) ? error.code : (error as Error).name;
  }
}

/** Token ids without a pattern. */
const tokens = Array.from({ length: 150 }, (_, i) => (i * i * 7 + 3 * i) % 51);

describe('a tiny model of every block type', () => {
  it('computes what plain arithmetic computes, from the first token past the second attention segment', async () => {
    const backend = await open();
    const logits = await backend.forward(tokens, { logits: 'all' });
    expect(logits).toHaveLength(tokens.length * 51);
    for (const [t, exact] of tiny.exactLogits(tokens).entries()) {
      const ours = logits.subarray(t * 51, (t + 1) * 51);
      const spread = Math.sqrt(exact.reduce((sum, value) => sum + value ** 2, 0) / 51);
      const worst = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);
      // The int8 cache is all that differs: a wrong row, sign or scale anywhere is off by the spread itself.
      expect(worst / spread, `token ${t}`).toBeLessThan(0.05);
    }
    const last = await backend.forward([5]);
    expect(last).toHaveLength(51);
    expect(await backend.forward([5], { logits: 'none' })).toHaveLength(0);
    expect(backend.position).toBe(152);
    backend.dispose();
  });

  it('gives one token the same logits in a prompt of any length', async () => {
    const backend = await open();
    for (const length of [1, 2, 3, 4, 5, 7, 31, 32, 33, 64, 65, 127, 128, 129]) {
      backend.truncate(0);
      const together = (await backend.forward(tokens.slice(0, length))).slice();
      backend.truncate(0);
      if (length > 1) await backend.forward(tokens.slice(0, length - 1), { logits: 'none' });
      expect(await backend.forward(tokens.slice(length - 1, length)), `${length} tokens`).toEqual(together);
    }
    backend.dispose();
  });
});

const OTHER_TYPES: readonly GgmlTypeName[] = [
  ...(['BF16', 'Q5_0', 'Q5_1', 'Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K'] as const),
  ...(['IQ4_NL', 'IQ4_XS', 'MXFP4', 'Q1_0', 'TQ1_0', 'TQ2_0'] as const),
];

describe.each(OTHER_TYPES)('a tiny model of %s', (type) => {
  it('computes what plain arithmetic computes, and says what was requantised', async () => {
    const model = makeTinyModel(type);
    const backend = await open(model);
    const few = tokens.slice(0, 9);
    const logits = await backend.forward(few, { logits: 'all' });
    for (const [t, exact] of model.exactLogits(few).entries()) {
      const ours = logits.subarray(t * 51, (t + 1) * 51);
      const spread = Math.sqrt(exact.reduce((sum, value) => sum + value ** 2, 0) / 51);
      const worst = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);
      expect(worst / spread, `token ${t}`).toBeLessThan(0.1);
    }
    const hasKernel = typesWithKernel().includes(type);
    expect(backend.requantised).toHaveLength(hasKernel ? 0 : 1);
    for (const { from, to, tensors, relativeError } of backend.requantised ?? []) {
      expect([from, to, tensors]).toEqual([type, 'Q8_0', 16]);
      expect(relativeError).toBeLessThan(0.01);
    }
    backend.dispose();
  });
});

describe('createCpuBackend', () => {
  it('reports progress to the last byte and what it holds', async () => {
    const seen: [number, number][] = [];
    const backend = await open({ onProgress: (loaded, total) => seen.push([loaded, total]) });
    const total = [...tiny.gguf.tensors.values()].reduce((sum, tensor) => sum + tensor.byteLength, 0) - 32;
    expect(seen.at(-1)).toEqual([total, total]);
    expect(seen.map(([loaded]) => loaded)).toEqual(seen.map(([loaded]) => loaded).sort((a, b) => a - b));
    expect(backend).toMatchObject({ kind: 'cpu', threads: 1, vocabularySize: 51, contextLength: 200, position: 0 });
    expect(backend.memoryBytes % 65_536).toBe(0);
    backend.dispose();
  });

  it('refuses what it cannot run', async () => {
    const layers = tiny.spec.layers.map((layer) => ({
      ...layer,
      feedForward: layer.feedForward && { ...layer.feedForward, size: 100 },
    }));
    const odd = { ...tiny.spec, layers };
    const foreign = { ...tiny.spec, embedding: { ...tiny.spec.embedding, type: 'IQ2_XXS' as const } };
    expect(await codeOf(open({ spec: odd }))).toBe('model-unsupported');
    expect(await codeOf(open({ spec: foreign }))).toBe('model-unsupported');
    for (const contextLength of [0, -1, 1.5, Number.NaN, 201]) {
      expect(await codeOf(open({ contextLength })), String(contextLength)).toBe('invalid-option');
    }
    expect(await codeOf(open({ threads: 0 }))).toBe('invalid-option');
  });

  it('says before allocating that a context does not fit', async () => {
    const spec = { ...tiny.spec, contextLength: 2 ** 30 };
    expect(await codeOf(open({ spec, contextLength: 2 ** 30 }))).toBe('wasm-out-of-memory');
  });

  it('stops loading when asked to', async () => {
    const controller = new AbortController();
    const loading = open({ signal: controller.signal, onProgress: () => controller.abort() });
    expect(await codeOf(loading)).toBe('AbortError');
    expect(await codeOf(open({ signal: AbortSignal.abort() }))).toBe('AbortError');
  });

  it('passes on what the source says of missing bytes', async () => {
    expect(await codeOf(open({ source: new MemoryByteSource(new Uint8Array(1000)) }))).toBe('RangeError');
  });
});

describe('forward', () => {
  it('refuses tokens and lengths it has no place for, and stays usable', async () => {
    const backend = await open({ contextLength: 40 });
    expect(await codeOf(backend.forward([]))).toBe('empty-prompt');
    for (const token of [-1, 51, 1.5, Number.NaN])
      expect(await codeOf(backend.forward([token]))).toBe('invalid-option');
    expect(await codeOf(backend.forward(tokens.slice(0, 41)))).toBe('prompt-too-long');
    await backend.forward(tokens.slice(0, 40));
    expect(await codeOf(backend.forward([1]))).toBe('prompt-too-long');
    expect(await codeOf(() => backend.truncate(41))).toBe('internal');
    backend.truncate(39);
    await backend.forward([1]);
    expect(backend.position).toBe(40);
    backend.dispose();
  });

  it('runs one call at a time and none after dispose', async () => {
    const backend = await open();
    const first = backend.forward(tokens);
    expect(await codeOf(backend.forward([1]))).toBe('internal');
    await first;
    backend.dispose();
    backend.dispose();
    expect(await codeOf(backend.forward([1]))).toBe('disposed');
    expect(await codeOf(() => backend.truncate(0))).toBe('disposed');
  });

  it('ends a call that is under way when it is disposed of', async () => {
    const backend = await open();
    const running = codeOf(backend.forward(tokens));
    backend.dispose();
    expect(await running).toBe('disposed');
  });

  it('keeps whole chunks after an abort', async () => {
    const backend = await open();
    const controller = new AbortController();
    // Messages are let in by the clock: here every look at it is late, as between chunks of a large model.
    let time = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (time += 50));
    setImmediate(() => controller.abort());
    const outcome = await codeOf(backend.forward(tokens, { signal: controller.signal }));
    clock.mockRestore();
    expect(outcome).toBe('AbortError');
    expect(backend.position).toBeLessThan(tokens.length);
    const rest = tokens.slice(backend.position);
    const resumed = (await backend.forward(rest)).slice();
    backend.truncate(0);
    expect(await backend.forward(tokens)).toEqual(resumed);
    backend.dispose();
  });

  it('stops with a numeric fault instead of returning NaN', async () => {
    const norm = tiny.gguf.tensors.get('blk.1.ffn_norm.weight')!;
    const bytes = (await tiny.source.read(0, tiny.source.size)).slice();
    new DataView(bytes.buffer).setFloat32(norm.offset, Number.NaN, true);
    const backend = await open({ source: new MemoryByteSource(bytes) });
    expect(await codeOf(backend.forward([1, 2, 3]))).toBe('numeric-fault');
    expect(await codeOf(backend.forward([1]))).toBe('numeric-fault');
    expect(backend.position).toBe(0);
    backend.dispose();
  });
});
