import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GgmlTypeName } from '../../../formats/gguf/types.ts';
import { MemoryByteSource, SottoError } from '../../../shared/index.ts';
import {
  type ArchitectureGoldens,
  type BuiltModel,
  buildGoldenModel,
  goldenTokens,
  relativeError,
} from '../testing/golden-models.ts';
import { makeAdapter, mergeAdapters } from '../testing/lora-adapters.ts';
import { createCpuBackend } from './create-cpu-backend.ts';
import { compileFromDisk } from './testing/node-model.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;

function build(name: string, type: GgmlTypeName = 'F32'): BuiltModel {
  return buildGoldenModel(goldens.models.find((model) => model.name === name)!, type);
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
        const merged = await open(mergeAdapters(model, adapters));
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

  it('of embedding and output give what merged weights give', async () => {
    const model = build('llama (llama 3 factors, output of its own)');
    const tokens = goldenTokens(goldens, model.spec.vocabularySize);
    const [first, second] = [makeAdapter(model, 1, {}, true), makeAdapter(model, 500, {}, true)];
    const backend = await open(model);
    const plain = await logitsOf(backend, tokens);
    await backend.adapters!.load('first', first.gguf, first.source);
    await backend.adapters!.load('second', second.gguf, second.source);
    backend.adapters!.use([
      { name: 'first', scale: 0.5 },
      { name: 'second', scale: 1.5 },
    ]);
    const merged = await open(
      mergeAdapters(model, [
        { adapter: first, scale: 0.5 },
        { adapter: second, scale: 1.5 },
      ]),
    );
    expect(relativeError(await logitsOf(backend, tokens), await logitsOf(merged, tokens))).toBeLessThan(0.01);
    merged.dispose();
    backend.adapters!.use([]);
    expect(await logitsOf(backend, tokens)).toEqual(plain);
    backend.dispose();
  });

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
