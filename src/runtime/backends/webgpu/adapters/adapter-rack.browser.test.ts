import { describe, expect, it } from 'vitest';
import goldensJson from '../../../../../scripts/goldens/architectures.json';
import { adapterBytes } from '../../../../library/working-bytes.ts';
import { MemoryByteSource } from '../../../../shared/index.ts';
import type { DecoderBackend } from '../../decoder-backend.ts';
import {
  type ArchitectureGoldens,
  type BuiltModel,
  buildGoldenModel,
  goldenTokens,
  relativeError,
} from '../../testing/golden-models.ts';
import { makeAdapter, mergeAdapters } from '../../testing/lora-adapters.ts';
import { createWebGpuBackend } from '../index.ts';
import { gpuWith, type StagedGpu } from '../testing/staged-gpu.ts';

const goldens = goldensJson as unknown as ArchitectureGoldens;
const build = (name: string) => buildGoldenModel(goldens.models.find((model) => model.name === name)!, 'F32');

/** `VITE_ARCHITECTURES=all`: more of them. The few have fused weights, and a router with a block that all share. */
const MODELS = ['phi3 (short)', 'granitemoe (shared block)'];
const MORE = [
  'llama',
  'qwen2',
  'qwen3',
  'phi2',
  'gemma2',
  'gemma4 (per-layer embeddings, shared keys and values)',
  'command-r',
  'starcoder2',
];
const isWhole = import.meta.env['VITE_ARCHITECTURES'] === 'all';

const open = ({ spec, gguf, source }: Pick<BuiltModel, 'spec' | 'gguf' | 'source'>, staged: StagedGpu = {}) =>
  createWebGpuBackend({ spec, gguf, source, contextLength: 256, cacheFormat: 'f32', gpu: gpuWith(staged).gpu });

/** Logits after a prompt of some length and a few tokens more: both ways through the engine. */
async function logitsOf(backend: DecoderBackend, tokens: readonly number[]) {
  backend.truncate(0);
  const prompt = [...(await backend.forward(tokens.slice(0, 9), { logits: 'all' }))];
  await backend.forward(tokens.slice(9, 10), { logits: 'none' });
  return [...prompt, ...(await backend.forward(tokens.slice(10, 11)))];
}

describe('adapters', () => {
  it.each(isWhole ? [...MODELS, ...MORE] : MODELS)('of %s give what merged weights give', async (name) => {
    const model = build(name);
    const tokens = goldenTokens(goldens, model.spec.vocabularySize);
    const [first, second] = [makeAdapter(model, 1), makeAdapter(model, 500)];
    const backend = await open(model);
    const bytes = backend.memoryBytes;
    const plain = await logitsOf(backend, tokens);
    await backend.adapters!.load('first', first.gguf, first.source);
    expect(await logitsOf(backend, tokens)).toEqual(plain);
    backend.adapters!.use([{ name: 'first', scale: 2 }]);
    // One more while another is in use.
    await backend.adapters!.load('second', second.gguf, second.source);
    expect(backend.adapters!.loaded).toEqual(['first', 'second']);
    expect(backend.memoryBytes).toBeGreaterThan(bytes);
    expect(backend.memoryBytes - bytes).toBeLessThanOrEqual(adapterBytes(first.gguf) + adapterBytes(second.gguf));
    const choices = [
      [{ name: 'first', scale: 2 }],
      [
        { name: 'second', scale: -0.5 },
        { name: 'first', scale: 1.5 },
      ],
    ];
    for (const chosen of choices) {
      backend.adapters!.use(chosen);
      expect(backend.pages).toBeUndefined();
      const adapters = chosen.map(({ name: of, scale }) => ({ adapter: of === 'first' ? first : second, scale }));
      const merged = await open(mergeAdapters(model, adapters));
      const expected = await logitsOf(merged, tokens);
      const adapted = await logitsOf(backend, tokens);
      merged.dispose();
      expect(relativeError(adapted, expected)).toBeLessThan(1e-4);
      expect(relativeError(adapted, plain)).toBeGreaterThan(0.02);
    }
    backend.adapters!.use([]);
    expect(backend.position).toBe(0);
    expect(await logitsOf(backend, tokens)).toEqual(plain);
    backend.dispose();
  });

  it('are refused with a reason, and change nothing then', async () => {
    const model = build('llama');
    const staged = { isFull: false };
    const backend = await open(model, staged);
    const { adapters } = backend;
    const load = (adapter: ReturnType<typeof makeAdapter>, name = 'one') =>
      adapters!.load(name, adapter.gguf, adapter.source);
    const refusal = (code: string) => expect.objectContaining({ code });
    await expect(load(makeAdapter(model, 1, { 'general.architecture': 'qwen2' }))).rejects.toEqual(
      refusal('model-unsupported'),
    );
    await expect(load(makeAdapter(build('qwen3'), 1, { 'general.architecture': 'llama' }))).rejects.toEqual(
      refusal('gguf-invalid'),
    );
    await expect(load(makeAdapter(model, 1, {}, true))).rejects.toEqual(
      expect.objectContaining({ code: 'model-unsupported', message: expect.stringContaining('token_embd.weight') }),
    );
    const one = makeAdapter(model, 1);
    await expect(load({ ...one, source: new MemoryByteSource(one.bytes.slice(0, 100)) })).rejects.toThrow(RangeError);
    expect(adapters!.loaded).toEqual([]);
    await load(one);
    await expect(load(one)).rejects.toEqual(refusal('invalid-option'));
    adapters!.use([{ name: 'one', scale: 1 }]);
    const before = (await backend.forward([3, 4, 5])).slice();
    const bytes = backend.memoryBytes;
    // No room for a second one: the first goes on.
    staged.isFull = true;
    await expect(load(makeAdapter(model, 2), 'two')).rejects.toEqual(refusal('gpu-out-of-memory'));
    expect([adapters!.loaded, backend.memoryBytes]).toEqual([['one'], bytes]);
    expect(() => adapters!.use([{ name: 'two', scale: 1 }])).toThrow(refusal('invalid-option'));
    expect(() => adapters!.use([{ name: 'one', scale: Number.NaN }])).toThrow(refusal('invalid-option'));
    backend.truncate(0);
    expect(await backend.forward([3, 4, 5])).toEqual(before);
    backend.dispose();
  });
});
