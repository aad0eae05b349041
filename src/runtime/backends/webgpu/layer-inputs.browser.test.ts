import { expect, it } from 'vitest';
import goldensJson from '../../../../scripts/goldens/architectures.json';
import { ScalarDecoder } from '../reference/index.ts';
import {
  type ArchitectureGoldens,
  buildGoldenModel,
  goldenLogits,
  goldenTokens,
  relativeError,
} from '../testing/golden-models.ts';
import { createWebGpuBackend } from './index.ts';
import { gpuWith } from './testing/staged-gpu.ts';

const goldens = goldensJson as unknown as ArchitectureGoldens;
const model = goldens.models.find(({ name }) => name === 'gemma4 (per-layer embeddings, shared keys and values)')!;

const PLAIN = { topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 };

function argMax(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

it('gives layers their inputs in prompts, steps and runs ahead, from tables cut into parts; shared keys are kept once', async () => {
  const { spec, gguf, source, bytes } = buildGoldenModel(model, 'F32');
  const tokens = goldenTokens(goldens, spec.vocabularySize).slice(0, 41);
  const backend = await createWebGpuBackend({
    spec,
    gguf,
    source,
    contextLength: 64,
    cacheFormat: 'f32',
    // 64 of the 96 rows of the table fit.
    gpu: gpuWith({ limits: { maxStorageBufferBindingSize: 110_000 } }).gpu,
  });
  try {
    const prompt = (await backend.forward(tokens.slice(0, 38), { logits: 'all' })).slice();
    const size = spec.vocabularySize;
    const rows = Array.from({ length: 38 }, (_, i) => prompt.slice(i * size, (i + 1) * size));
    for (const token of tokens.slice(38)) rows.push((await backend.forward([token])).slice());
    for (const [position, expected] of goldenLogits(goldens, model, 'F32')) {
      if (position < rows.length) expect(relativeError(rows[position]!, expected), `${position}`).toBeLessThan(3e-3);
    }

    // Of seven layers five make keys and values: three of two heads of 16 values, two of 32.
    const pages = backend.pages!;
    expect(pages.pageBytes).toBe(2 * (3 * 32 + 2 * 64) * 4 * 64);
    const copies = await pages.read(0, 1);
    backend.truncate(0);
    await backend.forward(tokens.slice().reverse(), { logits: 'none' });
    backend.truncate(0);
    await pages.write(0, copies, tokens.slice(0, 40));

    const reference = new ScalarDecoder(spec, gguf, bytes, 64);
    let logits = tokens.map((token) => reference.step(token)).at(-1)!;
    const expected: number[] = [];
    for (let i = 0; i < 12; i++) {
      expected.push(argMax(logits));
      logits = reference.step(expected[i]!);
    }
    const options = { maxTokens: 12, recent: [], randoms: () => [], sampling: { ...PLAIN, temperature: 0 } };
    const steps = await Array.fromAsync(backend.decodeAhead!(tokens[40]!, options));
    expect(steps.map(({ token }) => token)).toEqual(expected);
  } finally {
    backend.dispose();
  }
});
