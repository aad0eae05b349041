import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readGguf } from '../../formats/gguf/index.ts';
import type { GenerateRequest } from '../../protocol/index.ts';
import type { ByteSource } from '../../shared/index.ts';
import { openEmbeddedModel } from '../backends/cpu/testing/node-model.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { createTokenizer, type Tokenizer } from '../text/index.ts';
import { openModelFile } from '../text/testing/model-file.ts';
import { createSession } from './session.ts';
import { SpeculationPace } from './speculation/index.ts';
import { GREEDY } from './testing/greedy.ts';

const ARRAYS = [
  'Float32Array',
  'Float64Array',
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
] as const;

/** Counts the bytes of arrays that are made with memory of their own, views left out. */
function countAllocations(): { bytes: number } {
  const count = { bytes: 0 };
  for (const name of ARRAYS) {
    const Original = globalThis[name] as Uint8ArrayConstructor;
    const Counting = new Proxy(Original, {
      construct(target, args: unknown[], newTarget) {
        const made = Reflect.construct(target, args, newTarget) as Uint8Array;
        if (!(args[0] instanceof ArrayBuffer || args[0] instanceof SharedArrayBuffer)) count.bytes += made.byteLength;
        return made;
      },
    });
    vi.stubGlobal(name, Counting);
  }
  return count;
}

let file: ByteSource & AsyncDisposable;
let backend: DecoderBackend;
let tokenizer: Tokenizer;

beforeAll(async () => {
  file = await openModelFile();
  backend = await openEmbeddedModel({ contextLength: 512 });
  const own = createTokenizer(await readGguf(file));
  // Answers of any length: none ends by itself.
  tokenizer = new Proxy(own, {
    get: (target, name) => {
      const value: unknown = name === 'endTokenIds' ? new Set<number>() : Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
});
afterAll(async () => {
  backend.dispose();
  await file[Symbol.asyncDispose]();
});
afterEach(() => vi.unstubAllGlobals());

/** Bytes of arrays that an answer of so many tokens makes, beyond what reading its prompt does. */
async function bytesOf(maxTokens: number, changes: Partial<GenerateRequest>): Promise<number> {
  const pace = Object.assign(new SpeculationPace('cpu'), { best: () => 3 });
  const session = createSession(backend, tokenizer, { pace, cacheBytes: 0 });
  const prompt = [{ kind: 'text' as const, text: 'one two three four five six one two three four five six one two' }];
  const request = {
    callId: 'x',
    prompt,
    maxTokens,
    stop: [],
    sampling: GREEDY,
    speculation: 'off' as const,
    ...changes,
  };
  backend.truncate(0);
  await session.generate({ ...request, maxTokens: 2 });
  const count = countAllocations();
  const { tokenIds } = await session.generate(request);
  vi.unstubAllGlobals();
  expect(tokenIds).toHaveLength(maxTokens);
  return count.bytes / tokenIds.length;
}

describe('a token of an answer makes no array as long as the vocabulary or a layer', () => {
  it.each<[string, Partial<GenerateRequest>]>([
    ['greedy', {}],
    ['with guesses', { speculation: 'auto' }],
    ['sampled', { sampling: { ...GREEDY, temperature: 0.8, topK: 40, topP: 0.9, minP: 0.05 } }],
    ['sampled from all', { sampling: { ...GREEDY, temperature: 0.8 } }],
    ['penalised', { sampling: { ...GREEDY, temperature: 0.8, repetitionPenalty: 1.2, presencePenalty: 0.2 } }],
    ['typical', { sampling: { ...GREEDY, temperature: 0.8, typicalP: 0.5 } }],
    ['biased', { sampling: { ...GREEDY, logitBias: [[5, 2]] } }],
    ['with log-probabilities', { topLogprobs: 3 }],
  ])('%s', async (_, changes) => {
    const [few, many] = [await bytesOf(8, changes), await bytesOf(40, changes)];
    const perToken = (40 * many - 8 * few) / 32;
    // A vocabulary of logits takes 196,608 bytes. What is left are the peaks of its blocks and a few likely ids.
    expect(perToken).toBeLessThan(16_384);
  });
});
