import { expect, it } from 'vitest';
import goldensJson from '../../../../scripts/goldens/architectures.json';
import { ScalarDecoder } from '../reference/index.ts';
import { type ArchitectureGoldens, buildGoldenModel, goldenTokens, relativeError } from '../testing/golden-models.ts';
import { createWebGpuBackend } from './index.ts';
import { gpuWith } from './testing/staged-gpu.ts';

const goldens = goldensJson as unknown as ArchitectureGoldens;
const model = goldens.models.find(({ name }) => name === 'qwen3moe (wide)')!;

/** Files named Q4_K_M hold what is multiplied last, and values, in a finer type. */
const tensors = model.tensors.map(
  ([name, type, shape]) => [name, /1\.ffn_down_exps|attn_v/.test(name) ? 'Q6_K' : type, shape] as const,
);

it('chooses among experts in mixed types of 256 values that lie in several buffers', async () => {
  const { spec, gguf, source, bytes } = buildGoldenModel({ ...model, tensors }, 'Q4_K');
  // Gates and ups of an expert take 77 kB here: two experts fit a buffer, and three of those that multiply last.
  const gpu = gpuWith({ limits: { maxStorageBufferBindingSize: 180_000 } }).gpu;
  const backend = await createWebGpuBackend({ spec, gguf, source, contextLength: 64, cacheFormat: 'f32', gpu });
  try {
    const reference = new ScalarDecoder(spec, gguf, bytes);
    const tokens = goldenTokens(goldens, spec.vocabularySize).slice(0, 45);
    const expected = tokens.map((token) => [...reference.step(token)]);
    for (let i = 0; i < 3; i++) {
      expect(relativeError(await backend.forward([tokens[i]!]), expected[i]!), `step ${i}`).toBeLessThan(1e-3);
    }
    const rest = await backend.forward(tokens.slice(3), { logits: 'all' });
    for (const [i, row] of expected.slice(3).entries()) {
      const own = rest.subarray(i * row.length, (i + 1) * row.length);
      expect(relativeError(own, row), `position ${i + 3}`).toBeLessThan(1e-3);
    }
  } finally {
    backend.dispose();
  }
});
