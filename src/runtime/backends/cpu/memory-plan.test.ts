import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planModel } from '../../../client/library/plan-model.ts';
import { ggmlTypes } from '../../../formats/gguf/ggml-types.ts';
import { readGguf } from '../../../formats/gguf/index.ts';
import { ggufFacts } from '../../../library/gguf-facts.ts';
import { heldBytes } from '../../../library/held-bytes.ts';
import { adapterBytes } from '../../../library/working-bytes.ts';
import { BlobByteSource } from '../../../shared/index.ts';
import { decoderSpecFromGguf } from '../../architectures/index.ts';
import { randomModelFile } from '../../bench/random-model.ts';
import { FileByteSource } from '../../generation/index.ts';
import { CACHE_PAGE_TOKENS } from '../decoder-backend.ts';
import { makeAdapter } from '../testing/lora-adapters.ts';
import { candidateCount } from '../webgpu/decode-steps.ts';
import { createBuffers } from '../webgpu/gpu-buffers.ts';
import type { GpuDevice } from '../webgpu/gpu-device.ts';
import { planGpu } from '../webgpu/gpu-plan.ts';
import { CACHE_KINDS } from './cache-kind.ts';
import { pageLayout } from './cache-pages.ts';
import { MOST_CHUNK_TOKENS } from './chunk-size.ts';
import { mostLanes } from './cpu-lanes.ts';
import { kernelTypeOf } from './kernel-types.ts';
import { planMemory } from './memory-plan.ts';
import { compileFromDisk, openEmbeddedModel } from './testing/node-model.ts';

const MIB = 2 ** 20;
/** A device that keeps nothing: only what is asked of it counts. */
const counting = { device: { createBuffer: () => ({}) } } as unknown as GpuDevice;
const LARGE_DEVICE = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 31,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxComputeWorkgroupStorageSize: 32_768,
};
const DEVICE = { memoryBytes: null, threads: 8, gpuBufferBytes: null, freeBytes: null };

describe('what the planner states before a model is there', () => {
  const models = [
    ['135m', 'Q4_1'],
    ['135m', 'Q8_0'],
    ['1.5b', 'Q4_K'],
    ['1.7b', 'Q4_K'],
    ['1.7b', 'Q1_0'],
  ] as const;
  it.each(models)('is not exceeded by %s %s, copies and further answers included', async (shape, quantisation) => {
    const file = randomModelFile({ kind: 'random', shape, quantisation });
    const gguf = await readGguf(new FileByteSource(file, shape));
    const spec = decoderSpecFromGguf(gguf);
    const { memory, contextLength } = await ggufFacts(gguf, file.size);
    for (const wanted of [32, 512, 2_048, 4_096, 8_192]) {
      const needs = { fileBytes: file.size, storedBytes: 0, memory, contextLength };
      for (const kvCache of CACHE_KINDS) {
        const stated = planModel(needs, DEVICE, { contextLength: wanted, kvCache });
        for (const threads of [1, 8]) {
          const options = { contextLength: wanted, threads, chunk: MOST_CHUNK_TOKENS, cacheKind: kvCache };
          const plan = planMemory(spec, options);
          const copies = Math.min(256 * MIB, (pageLayout(plan).pageBytes * wanted) / CACHE_PAGE_TOKENS);
          // The rest is the thread's: code, tokenizer, garbage.
          expect(plan.totalBytes + copies + 24 * MIB).toBeLessThanOrEqual(stated.memoryBytes);
          expect((mostLanes(plan) - 1) * plan.cache.bytes).toBeLessThanOrEqual(stated.togetherBytes);
        }
      }
      // What the GPU engine would make there, and what it makes when all logits are first wanted.
      const { parts } = planModel(needs, DEVICE, { contextLength: wanted, backend: 'webgpu' });
      const gpu = planGpu(spec, wanted, LARGE_DEVICE);
      const made = createBuffers(counting, gpu, candidateCount(gpu)).memoryBytes + 2 * 64 * spec.vocabularySize * 4;
      expect(made).toBeLessThanOrEqual(parts.weights + parts.working + parts.cache);
    }
  });

  it('counts each block type as it is held', () => {
    for (const { name } of ggmlTypes()) {
      const kernel = kernelTypeOf(name);
      if (kernel === undefined) continue;
      const own = kernel.heldAs === name ? kernel.fileBytes : 0;
      expect([name, heldBytes(name) ?? own]).toEqual([name, kernel.groupBytes / 8]);
    }
  });
});

describe('what is really allocated for the embedded model with 2,048 tokens', () => {
  const contextLength = 2_048;
  const path = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';

  it.each(CACHE_KINDS)('is within what is stated, keys and values as %s', async (kvCache) => {
    const source = new BlobByteSource(await openAsBlob(path));
    const gguf = await readGguf(source);
    const facts = await ggufFacts(gguf, source.size);
    const adapter = makeAdapter({ gguf, bytes: new Uint8Array(), spec: decoderSpecFromGguf(gguf) }, 1);
    const stated = planModel({ fileBytes: source.size, storedBytes: 0, ...facts }, DEVICE, {
      contextLength,
      kvCache,
      adapterBytes: adapterBytes(adapter.gguf),
    });
    const { weights, working, cache, copies, adapters } = stated.parts;
    const backend = await openEmbeddedModel({ contextLength, cacheKind: kvCache, compile: compileFromDisk });
    const alone = backend.memoryBytes;
    expect(alone).toBeLessThanOrEqual(weights + working + cache);
    // Nothing is promised that is far from the truth.
    expect(alone).toBeGreaterThan(0.85 * (weights + working + cache));
    const { pageBytes } = backend.pages!;
    expect((pageBytes * contextLength) / CACHE_PAGE_TOKENS).toBeLessThanOrEqual(copies);

    await backend.adapters!.load('one', adapter.gguf, adapter.source);
    const adapted = backend.memoryBytes;
    expect(adapted).toBeGreaterThan(alone);
    expect(adapted - alone).toBeLessThanOrEqual(adapters);

    while (backend.lanes?.open() !== undefined);
    expect(backend.memoryBytes).toBeGreaterThan(adapted);
    expect(backend.memoryBytes - adapted).toBeLessThanOrEqual(stated.togetherBytes);
    backend.dispose();
  });
});
