import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { GgufFile, GgufTensor } from '../../../formats/gguf/types.ts';
import { MemoryByteSource } from '../../../shared/index.ts';
import { createCpuBackend } from '../../backends/cpu/create-cpu-backend.ts';
import { compileFromDisk } from '../../backends/cpu/testing/node-model.ts';
import { type ArchitectureGoldens, buildGoldenModel, goldenTokens } from '../../backends/testing/golden-models.ts';
import { LiveCache } from './live-cache.ts';
import { PrefixTree } from './prefix-tree.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;
const model = buildGoldenModel(goldens.models.find(({ name }) => name === 'llama')!, 'Q8_0');
const prompt = goldenTokens(goldens, model.spec.vocabularySize).slice(0, 70);

/** An adapter of one weight, of rank 2. */
function adapter(size: number): { gguf: GgufFile; source: MemoryByteSource } {
  const name = 'blk.0.ffn_down.weight';
  const [columns, rows] = model.gguf.tensors.get(name)!.dimensions as [number, number];
  const values = Float32Array.from({ length: 2 * (columns + rows) }, (_, i) => size * Math.sin(i * 12.9898));
  const split = 2 * columns * 4;
  const tensors = new Map<string, GgufTensor>(
    [
      ['a', { name: `${name}.lora_a`, type: 'F32', dimensions: [columns, 2], offset: 0, byteLength: split }],
      ['b', { name: `${name}.lora_b`, type: 'F32', dimensions: [2, rows], offset: split, byteLength: 2 * rows * 4 }],
    ].map(([, tensor]) => [(tensor as GgufTensor).name, tensor as GgufTensor]),
  );
  const metadata = new Map<string, string | number>([
    ['general.type', 'adapter'],
    ['general.architecture', 'llama'],
    ['adapter.type', 'lora'],
    ['adapter.lora.alpha', 2],
  ]);
  const gguf: GgufFile = { version: 3, metadata, tensors, dataOffset: 0, alignment: 32 };
  return { gguf, source: new MemoryByteSource(new Uint8Array(values.buffer)) };
}

it('computes each answer with its own adapters, and keeps what was read without any', async () => {
  const backend = await createCpuBackend({
    ...model,
    contextLength: 128,
    threads: 1,
    build: 'plain',
    compile: compileFromDisk,
  });
  for (const [name, size] of [
    ['pirate', 0.3],
    ['poet', 0.5],
  ] as const) {
    const { gguf, source } = adapter(size);
    await backend.adapters!.load(name, gguf, source);
  }
  const cache = new LiveCache(backend, new PrefixTree(2 ** 20));
  const read = async (...names: readonly string[]) => {
    await cache.useAdapters(names.map((name) => ({ name, scale: 1 })));
    const shared = await cache.reuse(prompt, prompt.length - 1);
    return { shared, logits: [...(await cache.forward(prompt.slice(shared), {}))] };
  };
  const base = await read();
  const pirate = await read('pirate');
  expect(pirate.shared).toBe(0);
  expect(pirate.logits).not.toEqual(base.logits);
  expect((await read('pirate')).shared).toBe(prompt.length - 1);
  const poet = await read('poet');
  expect(poet.shared).toBe(0);
  expect(poet.logits).not.toEqual(pirate.logits);
  expect((await read('poet', 'pirate')).logits).not.toEqual(poet.logits);
  // What the base model read was put away.
  const again = await read();
  expect(again.shared).toBe(prompt.length - 1);
  expect(again.logits).toEqual(base.logits);
  await expect(cache.useAdapters([{ name: 'nobody', scale: 1 }])).rejects.toMatchObject({ code: 'invalid-option' });
  backend.dispose();
});
