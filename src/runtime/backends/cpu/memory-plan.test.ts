import { describe, expect, it } from 'vitest';
import { planModel } from '../../../client/library/plan-model.ts';
import { ggmlTypes } from '../../../formats/gguf/ggml-types.ts';
import { readGguf } from '../../../formats/gguf/index.ts';
import { ggufFacts } from '../../../library/gguf-facts.ts';
import { heldBytes } from '../../../library/held-bytes.ts';
import { decoderSpecFromGguf } from '../../architectures/index.ts';
import { randomModelFile } from '../../bench/random-model.ts';
import { FileByteSource } from '../../generation/index.ts';
import { CACHE_PAGE_TOKENS } from '../decoder-backend.ts';
import { pageLayout } from './cache-pages.ts';
import { MOST_CHUNK_TOKENS } from './chunk-size.ts';
import { mostLanes } from './cpu-lanes.ts';
import { kernelTypeOf } from './kernel-types.ts';
import { planMemory } from './memory-plan.ts';

const MIB = 2 ** 20;
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
      const stated = planModel({ fileBytes: file.size, storedBytes: 0, memory, contextLength }, DEVICE, wanted);
      for (const threads of [1, 8]) {
        const plan = planMemory(spec, { contextLength: wanted, threads, chunk: MOST_CHUNK_TOKENS });
        const copies = Math.min(256 * MIB, (pageLayout(plan).pageBytes * wanted) / CACHE_PAGE_TOKENS);
        // The rest is the thread's: code, tokenizer, garbage.
        expect(plan.totalBytes + copies + 24 * MIB).toBeLessThanOrEqual(stated.memoryBytes);
        expect((mostLanes(plan) - 1) * plan.cache.bytes).toBeLessThanOrEqual(stated.togetherBytes);
      }
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
