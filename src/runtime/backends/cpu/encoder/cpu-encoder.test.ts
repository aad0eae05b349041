import { openAsBlob, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readGguf } from '../../../../formats/gguf/index.ts';
import { ggufFacts } from '../../../../library/gguf-facts.ts';
import type { MemoryNeeds } from '../../../../protocol/index.ts';
import { BlobByteSource } from '../../../../shared/index.ts';
import { encoderSpecFromGguf } from '../../../architectures/index.ts';
import { createTokenizer, type Tokenizer } from '../../../text/index.ts';
import type { EncoderBackend } from '../../encoder-backend.ts';
import { compileFromDisk } from '../testing/node-model.ts';
import { type CpuEncoderOptions, createCpuEncoder } from './create-cpu-encoder.ts';

interface Case {
  readonly text: string;
  readonly ids: number[];
  /** Base64 of 32-bit floats of unit length. */
  readonly vector: string;
}

const read = (name: string) => JSON.parse(readFileSync(`scripts/goldens/${name}.json`, 'utf8'));
const minilm: readonly (Case & { readonly llamaCpp: number })[] = read('minilm').cases;
const tiny: Readonly<Record<string, readonly Case[]>> = read('encoders').encoders;

const MINILM = 'models/all-minilm-l6-v2/all-MiniLM-L6-v2.Q8_0.gguf';
const TINY = 'src/runtime/backends/cpu/testing/encoders';

let open: EncoderBackend[] = [];

async function load(
  path: string,
  changes: Partial<CpuEncoderOptions> = {},
): Promise<{ encoder: EncoderBackend; tokenizer: Tokenizer; needs: MemoryNeeds }> {
  const source = new BlobByteSource(await openAsBlob(path));
  const gguf = await readGguf(source);
  const spec = encoderSpecFromGguf(gguf);
  const encoder = await createCpuEncoder({ spec, gguf, source, threads: 1, compile: compileFromDisk, ...changes });
  open.push(encoder);
  return { encoder, tokenizer: createTokenizer(gguf), needs: (await ggufFacts(gguf, source.size)).memory };
}

afterEach(() => {
  for (const encoder of open) encoder.dispose();
  open = [];
});

const floats = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

async function nearness(encoder: EncoderBackend, cases: readonly Case[]): Promise<number[]> {
  const vectors = await encoder.encode(cases.map(({ ids }) => ids));
  const { dimensions } = encoder;
  return cases.map(({ vector }, index) =>
    cosine(floats(vector), vectors.subarray(index * dimensions, (index + 1) * dimensions)),
  );
}

describe('MiniLM', () => {
  it('reads the tokens it was trained with, and comes as near to the float weights as promised', async () => {
    const { encoder, tokenizer, needs } = await load(MINILM);
    expect(encoder.memoryBytes).toBeLessThanOrEqual(needs.weightsBytes + needs.workingBytes);
    expect(encoder.memoryBytes).toBeGreaterThan(0.85 * (needs.weightsBytes + needs.workingBytes));
    for (const { text, ids } of minilm) expect(tokenizer.encodeDocument(text).slice(0, ids.length), text).toEqual(ids);
    for (const [index, near] of (await nearness(encoder, minilm)).entries()) {
      expect(near, minilm[index]?.text).toBeGreaterThan(0.999);
    }
  }, 60_000);
});

describe('every architecture, against llama.cpp', () => {
  it.each(Object.entries(tiny))('%s', async (architecture, cases) => {
    const { encoder, tokenizer, needs } = await load(`${TINY}/${architecture}.gguf`);
    expect(encoder.memoryBytes).toBeLessThanOrEqual(needs.weightsBytes + needs.workingBytes);
    for (const { text, ids } of cases) expect(tokenizer.encodeDocument(text), text).toEqual(ids);
    for (const [index, near] of (await nearness(encoder, cases)).entries()) {
      // Weights and activations are 8 and 7 bits wide here; a window that is off by one gives 0.92 to 0.98.
      expect(near, cases[index]?.text).toBeGreaterThan(0.997);
    }
  });
});

describe('the encoder', () => {
  const cases = tiny['bert'] ?? [];
  const ids = cases.map((one) => one.ids);

  it('gives a text the same vector whatever stands beside it and in whichever job it lands', async () => {
    const { encoder } = await load(`${TINY}/bert.gguf`);
    const many = Array.from({ length: 40 }, (_, index) => ids[index % ids.length] ?? []);
    const together = await encoder.encode(many);
    for (const [index, one] of ids.entries()) {
      const alone = await encoder.encode([one]);
      for (const at of [index, index + ids.length * 7]) {
        expect(together.slice(at * 64, (at + 1) * 64)).toEqual(alone);
      }
    }
  });

  it('refuses texts without tokens, texts that are too long and calls after its end, and can be aborted', async () => {
    const { encoder } = await load(`${TINY}/bert.gguf`, { contextLength: 20 });
    const refusal = (code: string) => expect.objectContaining({ code });
    await expect(encoder.encode([[]])).rejects.toEqual(refusal('empty-prompt'));
    await expect(encoder.encode([new Array(21).fill(5)])).rejects.toEqual(refusal('prompt-too-long'));
    await expect(encoder.encode([[5]], { signal: AbortSignal.abort() })).rejects.toHaveProperty('name', 'AbortError');
    await expect(Promise.all([encoder.encode([[5]]), encoder.encode([[5]])])).rejects.toEqual(refusal('internal'));
    await expect(load(`${TINY}/bert.gguf`, { contextLength: 500 })).rejects.toEqual(refusal('invalid-option'));
    encoder.dispose();
    await expect(encoder.encode([[5]])).rejects.toEqual(refusal('disposed'));
  });

  it('refuses what is no encoder, by name', async () => {
    await expect(load('models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf')).rejects.toEqual(
      expect.objectContaining({ code: 'model-unsupported', message: expect.stringContaining('llama') }),
    );
  });
});
