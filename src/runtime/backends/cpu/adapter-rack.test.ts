import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgmlTypeName, GgufFile, GgufTensor } from '../../../formats/gguf/types.ts';
import { MemoryByteSource, SottoError } from '../../../shared/index.ts';
import {
  type ArchitectureGoldens,
  type BuiltModel,
  buildGoldenModel,
  goldenTokens,
  relativeError,
} from '../testing/golden-models.ts';
import { createCpuBackend } from './create-cpu-backend.ts';
import { compileFromDisk } from './testing/node-model.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;
const RANK = 6;
const ALPHA = 12;

function build(name: string, type: GgmlTypeName = 'F32'): BuiltModel {
  return buildGoldenModel(goldens.models.find((model) => model.name === name)!, type);
}

/** Values without a pattern, near ±`size`. */
const values = (count: number, seed: number, size: number) =>
  Float32Array.from({ length: count }, (_, i) => size * Math.sin(seed + i * 12.9898 + (i % 7)));

/** An adapter of every linear weight of a layer, as a GGUF file in memory. */
function makeAdapter(model: BuiltModel, seed: number, changes: Readonly<Record<string, string | number>> = {}) {
  const tensors = new Map<string, GgufTensor>();
  const parts: Float32Array[] = [];
  let offset = 0;
  for (const [name, { dimensions }] of model.gguf.tensors) {
    if (dimensions.length !== 2 || !name.startsWith('blk.') || name.includes('norm') || name.includes('.conv.'))
      continue;
    const [columns, rows] = dimensions as [number, number];
    for (const [suffix, shape] of [
      ['a', [columns, RANK]],
      ['b', [RANK, rows]],
    ] as const) {
      const part = values(shape[0] * shape[1], seed + parts.length, 0.12);
      const file = `${name}.lora_${suffix}`;
      tensors.set(file, { name: file, type: 'F32', dimensions: [...shape], offset, byteLength: part.byteLength });
      parts.push(part);
      offset += part.byteLength;
    }
  }
  const bytes = new Uint8Array(offset);
  for (const [i, tensor] of [...tensors.values()].entries()) bytes.set(new Uint8Array(parts[i]!.buffer), tensor.offset);
  const metadata = new Map<string, string | number>([
    ['general.type', 'adapter'],
    ['general.architecture', model.spec.architecture],
    ['adapter.type', 'lora'],
    ['adapter.lora.alpha', ALPHA],
    ...Object.entries(changes),
  ]);
  const gguf: GgufFile = { version: 3, metadata, tensors, dataOffset: 0, alignment: 32 };
  return { gguf, bytes, source: new MemoryByteSource(bytes) };
}

/** The model whose weights hold what the adapters add: W + Σ scale * alpha / rank * B A. */
function merge(model: BuiltModel, adapters: readonly { adapter: ReturnType<typeof makeAdapter>; scale: number }[]) {
  const bytes = model.bytes.slice();
  for (const [name, { dimensions, offset }] of model.gguf.tensors) {
    for (const { adapter, scale } of adapters) {
      const [a, b] = ['a', 'b'].map((suffix) => adapter.gguf.tensors.get(`${name}.lora_${suffix}`));
      if (a === undefined || b === undefined) continue;
      const [columns, rows] = dimensions as [number, number];
      const at = (tensor: GgufTensor) => new Float32Array(adapter.bytes.buffer, tensor.offset, tensor.byteLength / 4);
      const [low, high] = [at(a), at(b)];
      const weight = new Float32Array(bytes.buffer, offset, rows * columns);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let r = 0; r < RANK; r++) sum += high[row * RANK + r]! * low[r * columns + column]!;
          weight[row * columns + column]! += ((scale * ALPHA) / RANK) * sum;
        }
      }
    }
  }
  return { ...model, bytes, source: new MemoryByteSource(bytes) };
}

const open = ({ spec, gguf, source }: Pick<BuiltModel, 'spec' | 'gguf' | 'source'>) =>
  createCpuBackend({ spec, gguf, source, contextLength: 256, threads: 1, build: 'plain', compile: compileFromDisk });

/** Logits after a prompt of some length and a few tokens more: both ways through the engine. */
async function logitsOf(backend: Awaited<ReturnType<typeof open>>, tokens: readonly number[]) {
  backend.truncate(0);
  const prompt = [...(await backend.forward(tokens.slice(0, 9)))];
  await backend.forward(tokens.slice(9, 10), { logits: 'none' });
  return [...prompt, ...(await backend.forward(tokens.slice(10, 11)))];
}

async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
    return 'no error';
  } catch (error) {
    return SottoError.isInstance(error) ? error.code : String(error);
  }
}

describe('adapters', () => {
  it.each(['llama', 'qwen2', 'phi3 (short)', 'phi2', 'gemma2', 'lfm2'])(
    'of %s give what merged weights give',
    async (name) => {
      const model = build(name);
      const tokens = goldenTokens(goldens, model.spec.vocabularySize);
      const [first, second] = [makeAdapter(model, 1), makeAdapter(model, 500)];
      const backend = await open(model);
      const plain = await logitsOf(backend, tokens);
      await backend.adapters!.load('first', first.gguf, first.source);
      await backend.adapters!.load('second', second.gguf, second.source);
      expect(backend.adapters!.loaded).toEqual(['first', 'second']);
      expect(await logitsOf(backend, tokens)).toEqual(plain);
      for (const chosen of [
        [{ name: 'first', scale: 1 }],
        [{ name: 'second', scale: -0.5 }],
        [
          { name: 'first', scale: 0.5 },
          { name: 'second', scale: 1.5 },
        ],
      ]) {
        backend.adapters!.use(chosen);
        expect(backend.position).toBe(0);
        expect(backend.pages).toBeUndefined();
        const adapters = chosen.map(({ name: of, scale }) => ({ adapter: of === 'first' ? first : second, scale }));
        const merged = await open(merge(model, adapters));
        const expected = await logitsOf(merged, tokens);
        const adapted = await logitsOf(backend, tokens);
        merged.dispose();
        // Rounding differs, and with it now and then a value of the int8 cache.
        expect(relativeError(adapted, expected)).toBeLessThan(0.01);
        expect(relativeError(adapted, plain)).toBeGreaterThan(0.05);
      }
      backend.adapters!.use([]);
      expect(await logitsOf(backend, tokens)).toEqual(plain);
      backend.dispose();
    },
  );

  it('are refused with a reason, and change nothing then', async () => {
    const model = build('llama', 'Q8_0');
    const backend = await open(model);
    const load = (adapter: ReturnType<typeof makeAdapter>, name = 'one') =>
      codeOf(() => backend.adapters!.load(name, adapter.gguf, adapter.source));
    expect(await load(makeAdapter(model, 1, { 'general.architecture': 'qwen2' }))).toBe('model-unsupported');
    expect(await load(makeAdapter(model, 1, { 'adapter.type': 'control_vector' }))).toBe('model-unsupported');
    expect(await load(makeAdapter(build('qwen3'), 1, { 'general.architecture': 'llama' }))).toBe('gguf-invalid');
    const broken = makeAdapter(model, 1);
    expect(await load({ ...broken, source: new MemoryByteSource(broken.bytes.slice(0, 100)) })).toContain('RangeError');
    expect(backend.adapters!.loaded).toEqual([]);
    expect(await codeOf(() => backend.adapters!.use([{ name: 'one', scale: 1 }]))).toBe('invalid-option');
    expect(await load(broken)).toBe('no error');
    expect(await load(broken)).toBe('invalid-option');
    expect(await codeOf(() => backend.adapters!.use([{ name: 'one', scale: Number.NaN }]))).toBe('invalid-option');
    backend.dispose();
  });
});
