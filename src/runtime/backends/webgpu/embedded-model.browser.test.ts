import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import modelUrl from '../../../../models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf?url';
import greedyCases from '../../../../scripts/goldens/greedy.json';
import goldenBytesUrl from '../../../../scripts/goldens/logits.bin?url';
import goldenHeader from '../../../../scripts/goldens/logits.json';
import { type ModelNeeds, planModel } from '../../../client/library/plan-model.ts';
import { readGguf } from '../../../formats/gguf/index.ts';
import { ggufFacts } from '../../../library/gguf-facts.ts';
import { BlobByteSource } from '../../../shared/index.ts';
import { decoderSpecFromGguf } from '../../architectures/index.ts';
import { type LogitsGolden, parseLogitsGolden } from '../cpu/testing/logits-golden.ts';
import type { DecoderBackend } from '../decoder-backend.ts';
import { createWebGpuBackend } from './index.ts';
import { gpuWith } from './testing/staged-gpu.ts';

/** Few, because the adapter in software takes seconds for each. */
const POSITIONS = 12;
const GREEDY_TOKENS = 3;

let backend: DecoderBackend;
let golden: LogitsGolden;
let needs: ModelNeeds;
/** Bytes of all buffers that were asked for. */
let made = 0;

beforeAll(async () => {
  const [model, goldenBytes] = await Promise.all([fetch(modelUrl), fetch(goldenBytesUrl)]);
  golden = parseLogitsGolden(goldenHeader, await goldenBytes.arrayBuffer());
  const source = new BlobByteSource(await model.blob());
  const gguf = await readGguf(source);
  const spec = decoderSpecFromGguf(gguf);
  needs = { fileBytes: source.size, storedBytes: 0, ...(await ggufFacts(gguf, source.size)) };
  const { gpu } = gpuWith({ onBuffer: (bytes) => (made += bytes) });
  // With keys and values in halves the greatest distance is 0.0025.
  backend = await createWebGpuBackend({ spec, gguf, source, contextLength: 128, cacheFormat: 'f32', gpu });
}, 300_000);
afterAll(() => backend.dispose());

/** The greatest distance of a log-probability from the exact one, over the 64 likeliest tokens of a position. */
function distance(logits: Float32Array, position: number): number {
  const greatest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const norm = greatest + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - greatest), 0));
  let worst = 0;
  for (let k = position * golden.top; k < (position + 1) * golden.top; k++) {
    worst = Math.max(worst, Math.abs(logits[golden.topIds[k]!]! - norm - golden.topLogs[k]!));
  }
  return worst;
}

describe('the GPU engine on the embedded model', () => {
  it('gives the exact log-probabilities within a thousandth, after a prompt and token by token', async () => {
    const tokens = golden.tokens.slice(0, POSITIONS);
    expect(distance(await backend.forward(tokens), POSITIONS - 1)).toBeLessThan(1e-3);
    expect(distance(await backend.forward([golden.tokens[POSITIONS]!]), POSITIONS)).toBeLessThan(1e-3);
  }, 300_000);

  it('takes no more than the planner states, logits of all tokens included', async () => {
    backend.truncate(0);
    await backend.forward(golden.tokens.slice(0, 3), { logits: 'all' });
    const device = { memoryBytes: null, threads: 1, gpuBufferBytes: null, freeBytes: null };
    const { parts } = planModel(needs, device, { contextLength: 128, backend: 'webgpu' });
    // Keys and values in f32 here, in halves where nothing is asked for.
    const stated = parts.weights + parts.working + 2 * parts.cache;
    expect(made).toBeLessThanOrEqual(stated);
    expect(made).toBeGreaterThan(0.7 * stated);
  }, 300_000);

  it('continues as llama.cpp does', async () => {
    const { promptTokenIds, tokenIds, safeTokens } = greedyCases.find(({ note }) => note === 'counting')!;
    expect(safeTokens).toBeGreaterThanOrEqual(GREEDY_TOKENS);
    backend.truncate(0);
    const last = promptTokenIds.length - 1;
    await backend.forward(promptTokenIds.slice(0, last), { logits: 'none' });
    const produced: number[] = [];
    const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, frequencyPenalty: 0 };
    const greedy = {
      maxTokens: GREEDY_TOKENS,
      recent: [],
      randoms: () => [],
      sampling: { ...sampling, presencePenalty: 0 },
    };
    for await (const { token } of backend.decodeAhead!(promptTokenIds[last]!, greedy)) {
      produced.push(token);
    }
    expect(produced).toEqual(tokenIds.slice(0, GREEDY_TOKENS));
  }, 300_000);
});
