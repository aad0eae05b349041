import { expect, it } from 'vitest';
import { throwIfAborted } from '../../../shared/index.ts';
import type { AheadOptions } from '../decoder-backend.ts';
import { createWebGpuBackend, type WebGpuBackendOptions } from './index.ts';
import { type RandomModel, randomModel } from './testing/random-model.ts';
import { gpuWith } from './testing/staged-gpu.ts';

const TINY: RandomModel = {
  hiddenSize: 32,
  feedForwardSize: 32,
  heads: 1,
  keyValueHeads: 1,
  headSize: 32,
  layers: 1,
  vocabularySize: 40,
  contextLength: 200,
  typeOf: () => 'F32',
};

const GREEDY: AheadOptions = {
  maxTokens: 100,
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
};

async function load(options: Partial<WebGpuBackendOptions>, model = TINY) {
  const { source, gguf, spec, bytes } = await randomModel(model, 1);
  const load = (more: Partial<WebGpuBackendOptions> = {}) =>
    createWebGpuBackend({ spec, gguf, source, contextLength: spec.contextLength, ...options, ...more });
  return { load, spec, gguf, bytes, source };
}

it.each([
  ['no adapter, twice', { nullAnswers: 2 }],
  ['the request fails', { requestFails: true }],
  ['the device is refused', { deviceFails: true }],
  ['a kernel does not compile', { changeShader: (code: string) => code.replace('fn main(', 'fn main_(') }],
  ['a buffer above the limit', { limits: { maxStorageBufferBindingSize: 5_000 } }],
])('says that it cannot run here: %s', async (_, staged) => {
  const { gpu, opened } = gpuWith(staged);
  const { load: start } = await load({ gpu });
  await expect(start()).rejects.toMatchObject({ code: 'backend-unavailable' });
  if (opened.device !== undefined) await expect(opened.device.lost).resolves.toMatchObject({ reason: 'destroyed' });
});

it('asks again when the first adapter is null', async () => {
  const { gpu, opened } = gpuWith({ nullAnswers: 1 });
  const { load: start } = await load({ gpu });
  const backend = await start();
  expect(opened.answers).toBe(2);
  backend.dispose();
});

it('names the numbers of what does not fit', async () => {
  const { gpu } = gpuWith({ limits: { maxBufferSize: 10_000 } });
  const { load: start } = await load({ gpu });
  const cacheBytes = 2 * 32 * 200 * 2;
  await expect(start()).rejects.toMatchObject({ details: { bytes: cacheBytes, most: 10_000 } });
});

it('says when the graphics memory is full, and lets go of all of it', async () => {
  const { gpu, opened } = gpuWith({ isFull: true });
  const { load: start } = await load({ gpu });
  await expect(start()).rejects.toMatchObject({ code: 'gpu-out-of-memory' });
  await expect(opened.device!.lost).resolves.toMatchObject({ reason: 'destroyed' });
});

it('reports a lost device as such, in whatever it interrupts and ever after, and loads again', async () => {
  const { gpu, opened } = gpuWith({});
  const { load: start } = await load({ gpu });
  const backend = await start();
  const running = backend.forward([1, 2, 3]);
  opened.device!.destroy();
  await expect(running).rejects.toMatchObject({ code: 'device-lost', isRetryable: true });
  await expect(backend.forward([1])).rejects.toMatchObject({ code: 'device-lost' });
  expect(() => backend.truncate(0)).toThrow(expect.objectContaining({ code: 'device-lost' }));
  backend.dispose();
  const again = await start();
  expect(await again.forward([1])).toHaveLength(40);
  const greedy = async () => {
    for await (const _ of again.decodeAhead!(1, GREEDY)) opened.device!.destroy();
  };
  await expect(greedy()).rejects.toMatchObject({ code: 'device-lost' });
});

it('disposes in the middle of a call, and then refuses calls', async () => {
  const { load: start } = await load({});
  const backend = await start();
  const running = backend.forward([1, 2, 3]);
  backend.dispose();
  await expect(running).rejects.toMatchObject({ code: 'disposed' });
  await expect(backend.forward([1])).rejects.toMatchObject({ code: 'disposed' });
  backend.dispose();
});

it('stops a calculation that goes wrong', async () => {
  const { load: start, gguf, bytes } = await load({});
  const norm = gguf.tensors.get('output_norm.weight')!;
  new DataView(bytes.buffer).setFloat32(norm.offset + 8, Number.NaN, true);
  const backend = await start();
  await expect(backend.forward([1])).rejects.toMatchObject({ code: 'numeric-fault' });
  await expect(backend.forward([1, 2], { logits: 'all' })).rejects.toMatchObject({ code: 'numeric-fault' });
  await expect(backend.decodeAhead!(1, GREEDY).next()).rejects.toMatchObject({ code: 'numeric-fault' });
  backend.dispose();
});

it('refuses contexts and block types it cannot run', async () => {
  const { load: start, spec } = await load({});
  for (const contextLength of [0, 201, 1.5]) {
    await expect(start({ contextLength })).rejects.toMatchObject({ code: 'invalid-option' });
  }
  const output = { ...spec.output, type: 'IQ1_S' as const };
  await expect(start({ spec: { ...spec, isTied: false, output } })).rejects.toMatchObject({
    code: 'model-unsupported',
    details: { type: 'IQ1_S' },
  });
});

it('aborts a load, tells how far it is, and passes on what the source rejects with', async () => {
  const { load: start, source, gguf } = await load({});
  const controller = new AbortController();
  const { signal } = controller;
  const seen: [number, number][] = [];
  const onProgress = (loaded: number, total: number) => {
    if (seen.push([loaded, total]) === 2) controller.abort();
  };
  const abortable = {
    size: source.size,
    read: async (offset: number, length: number) => {
      throwIfAborted(signal);
      return source.read(offset, length);
    },
  };
  await expect(start({ signal, onProgress, source: abortable })).rejects.toMatchObject({ name: 'AbortError' });
  const matrices = [...gguf.tensors.values()].filter(({ dimensions }) => dimensions.length === 2);
  const total = matrices.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // The table and the first of the matrices behind it.
  expect(seen[1]).toEqual([40 * 32 * 4 + 32 * 32 * 4, total]);

  const broken = { size: source.size, read: () => Promise.reject(new RangeError('gone')) };
  await expect(start({ source: broken })).rejects.toThrow('gone');

  const backend = await start({ onProgress: (...progress) => seen.push(progress) });
  expect(seen.at(-1)).toEqual([total, total]);
  backend.dispose();
});
