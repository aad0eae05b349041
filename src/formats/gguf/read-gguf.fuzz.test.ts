import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ByteSource, MemoryByteSource, SottoError, type SottoErrorCode } from '../../shared/index.ts';
import { readGguf } from './read-gguf.ts';
import { writeGguf } from './testing/gguf-writer.ts';

const ALLOWED: ReadonlySet<SottoErrorCode> = new Set([
  'gguf-truncated',
  'gguf-invalid',
  'gguf-limit',
  'model-unsupported',
]);

const VALID = writeGguf({
  metadata: [
    ['general.architecture', { type: 'string', value: 'llama' }],
    ['llama.context_length', { type: 'uint64', value: 8192n }],
    ['a.float', { type: 'float32', value: 0.5 }],
    ['a.bool', { type: 'bool', value: true }],
    [
      'tokenizer.ggml.tokens',
      { type: 'array', of: 'string', items: ['<s>', 'é', '🌍', ''].map((value) => ({ type: 'string', value })) },
    ],
    ['scores', { type: 'array', of: 'float32', items: [1, 2, 3].map((value) => ({ type: 'float32', value })) }],
    ['big', { type: 'array', of: 'int64', items: [1n, -1n].map((value) => ({ type: 'int64', value })) }],
  ],
  tensors: [
    { name: 'token_embd.weight', type: 'Q4_1', dimensions: [64, 4] },
    { name: 'output_norm.weight', type: 'F32', dimensions: [64] },
  ],
});

/** Counts what the reader asks for: its windows are the only large memory it takes. */
class CountingSource implements ByteSource {
  readonly #inner: MemoryByteSource;
  bytesRead = 0;
  constructor(bytes: Uint8Array) {
    this.#inner = new MemoryByteSource(bytes);
  }
  get size(): number {
    return this.#inner.size;
  }
  read(offset: number, length: number): Promise<Uint8Array> {
    this.bytesRead += length;
    return this.#inner.read(offset, length);
  }
}

async function staysInBounds(bytes: Uint8Array): Promise<void> {
  const source = new CountingSource(bytes);
  try {
    const file = await readGguf(source);
    for (const tensor of file.tensors.values()) {
      expect(tensor.offset + tensor.byteLength).toBeLessThanOrEqual(bytes.length);
    }
  } catch (error) {
    if (!(error instanceof SottoError) || !ALLOWED.has(error.code)) throw error;
  }
  expect(source.bytesRead).toBeLessThanOrEqual(bytes.length);
}

const HUGE = [2n ** 63n, 2n ** 64n - 1n, 2n ** 53n, 2n ** 32n, 2n ** 31n, 2n ** 22n, 2n ** 20n, 0n, 1n];

describe('a hostile GGUF file', () => {
  it('is valid before it is changed', async () => {
    await expect(readGguf(new MemoryByteSource(VALID))).resolves.toMatchObject({ version: 3 });
  });

  it('gives coded errors only, whatever bits are flipped', async () => {
    const flips = fc.array(fc.tuple(fc.nat(VALID.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const bytes = VALID.slice();
        for (const [at, mask] of changes) bytes[at] = bytes[at]! ^ mask;
        await staysInBounds(bytes);
      }),
      { numRuns: 8000 },
    );
  });

  it('gives coded errors only, whatever field is set to a huge or empty length', async () => {
    for (let at = 4; at + 8 <= VALID.length; at++) {
      for (const value of HUGE) {
        const bytes = VALID.slice();
        new DataView(bytes.buffer).setBigUint64(at, value, true);
        await staysInBounds(bytes);
      }
    }
  });

  it('gives coded errors only, however it is cut, doubled or shifted', async () => {
    const cut = fc.tuple(fc.nat(VALID.length), fc.nat(VALID.length), fc.uint8Array({ maxLength: 64 }));
    await fc.assert(
      fc.asyncProperty(cut, async ([to, from, between]) => {
        await staysInBounds(Uint8Array.from([...VALID.subarray(0, to), ...between, ...VALID.subarray(from)]));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives coded errors only for random bytes behind the magic', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), async (rest) => {
        await staysInBounds(Uint8Array.from([0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0, ...rest]));
        await staysInBounds(rest);
      }),
      { numRuns: 1000 },
    );
  });
});
