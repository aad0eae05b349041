import { openAsBlob, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGguf } from '../../../../formats/gguf/index.ts';
import { BlobByteSource } from '../../../../shared/index.ts';
import { encoderSpecFromGguf } from '../../../architectures/index.ts';
import { createTokenizer, type Tokenizer } from '../../../text/index.ts';
import type { EncoderBackend } from '../../encoder-backend.ts';
import { compileFromDisk } from '../testing/node-model.ts';
import { createCpuEncoder } from './create-cpu-encoder.ts';

interface Golden {
  readonly cases: readonly { text: string; ids: number[]; vector: string; llamaCpp: number }[];
}

const MODEL = 'models/all-minilm-l6-v2/all-MiniLM-L6-v2.Q8_0.gguf';
const golden = JSON.parse(readFileSync('scripts/goldens/minilm.json', 'utf8')) as Golden;

let encoder: EncoderBackend;
let tokenizer: Tokenizer;

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

beforeAll(async () => {
  const source = new BlobByteSource(await openAsBlob(MODEL));
  const gguf = await readGguf(source);
  tokenizer = createTokenizer(gguf);
  encoder = await createCpuEncoder({
    spec: encoderSpecFromGguf(gguf),
    gguf,
    source,
    threads: 1,
    compile: compileFromDisk,
  });
}, 60_000);

afterAll(() => encoder.dispose());

describe('MiniLM', () => {
  it('reads the tokens that the model was trained with', () => {
    for (const { text, ids } of golden.cases) {
      expect(tokenizer.encodeDocument(text).slice(0, ids.length), text).toEqual(ids);
    }
  });

  it('comes as near to the float weights as llama.cpp does', async () => {
    const vectors = await encoder.encode(golden.cases.map(({ ids }) => ids));
    const near = golden.cases.map(({ vector }, index) =>
      cosine(floats(vector), vectors.subarray(index * 384, (index + 1) * 384)),
    );
    console.log(near);
    for (const [index, { llamaCpp, text }] of golden.cases.entries()) {
      expect(near[index], text).toBeGreaterThan(Math.min(0.999, llamaCpp));
    }
  });
});
