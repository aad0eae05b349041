import { describe, expect, it } from 'vitest';
import { abortError, type ByteSource, MemoryByteSource, SottoError, type SottoErrorCode } from '../../shared/index.ts';
import { readGguf } from './read-gguf.ts';
import { type WrittenGguf, type WrittenTensor, type WrittenValue, writeGguf } from './testing/gguf-writer.ts';

async function refusal(bytes: Uint8Array): Promise<SottoError> {
  const error: unknown = await readGguf(new MemoryByteSource(bytes)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SottoError);
  return error as SottoError;
}

const word: WrittenValue = { type: 'string', value: 'x' };
const square: WrittenTensor = { name: 'a', type: 'F32', dimensions: [8, 8] };
const meta = (value: WrittenValue): WrittenGguf => ({ metadata: [['key', value]] });
const tensor = (change: Partial<WrittenTensor>): WrittenGguf => ({ tensors: [{ ...square, ...change }] });
const array = (forgedLength: bigint, of: WrittenValue['type'] = 'uint32'): WrittenGguf =>
  meta({ type: 'array', of, items: [], forgedLength });

const cases: readonly (readonly [what: string, code: SottoErrorCode, message: RegExp, wanted: WrittenGguf])[] = [
  ['version 1', 'model-unsupported', /version 1/, { version: 1 }],
  ['version 4', 'model-unsupported', /version 4/, { version: 4 }],
  ['a big-endian file', 'model-unsupported', /big-endian/, { version: 0x0300_0000 }],
  ['too many metadata entries', 'gguf-limit', /65537 metadata/, { forgedMetadataCount: 65_537n }],
  ['2^64-1 metadata entries', 'gguf-limit', /metadata/, { forgedMetadataCount: 2n ** 64n - 1n }],
  ['too many tensors', 'gguf-limit', /tensors/, { forgedTensorCount: 2n ** 17n + 1n }],
  ['more metadata than there is', 'gguf-truncated', /key of metadata entry 0/, { forgedMetadataCount: 1n }],
  ['an empty key', 'gguf-invalid', /empty key/, { metadata: [['', word]] }],
  ['a key that is too long', 'gguf-limit', /65536 bytes/, { metadata: [['k'.repeat(65_536), word]] }],
  [
    'a key that appears twice',
    'gguf-invalid',
    /"k" appears twice/,
    {
      metadata: [
        ['k', word],
        ['k', word],
      ],
    },
  ],
  [
    'an unknown value type',
    'gguf-invalid',
    /value type 13/,
    meta({ type: 'raw', typeId: 13, bytes: new Uint8Array(8) }),
  ],
  ['a truth that is neither', 'gguf-invalid', /true or false/, meta({ type: 'bool', value: 2 })],
  ['a string beyond the limit', 'gguf-limit', /limit is 67108864/, meta({ ...word, forgedLength: 2n ** 26n + 1n })],
  ['a string of 2^64-1 bytes', 'gguf-limit', /limit/, meta({ ...word, forgedLength: 2n ** 64n - 1n })],
  ['a string beyond the end', 'gguf-truncated', /ends inside/, meta({ ...word, forgedLength: 2n ** 20n })],
  ['an array beyond the limit', 'gguf-limit', /elements/, array(2n ** 22n + 1n)],
  ['an array beyond the end', 'gguf-truncated', /ends inside/, array(2n ** 22n)],
  ['an array of texts beyond the end', 'gguf-truncated', /ends inside/, array(2n ** 22n, 'string')],
  ['an array in an array', 'gguf-limit', /nest deeper/, array(1n, 'array')],
  ['an alignment of 24', 'gguf-invalid', /power of two/, { alignment: 24 }],
  [
    'an alignment of 0',
    'gguf-invalid',
    /power of two/,
    { metadata: [['general.alignment', { type: 'uint32', value: 0 }]] },
  ],
  [
    'an alignment of 2^20',
    'gguf-limit',
    /alignment/,
    { metadata: [['general.alignment', { type: 'uint32', value: 2 ** 20 }]] },
  ],
  ['an alignment of text', 'gguf-invalid', /power of two/, { metadata: [['general.alignment', word]] }],
  ['a removed block type', 'model-unsupported', /type 4 \(Q4_2/, tensor({ typeId: 4 })],
  ['an unknown block type', 'model-unsupported', /type 77/, tensor({ typeId: 77 })],
  ['five dimensions', 'gguf-limit', /5 dimensions/, tensor({ dimensions: [1, 1, 1, 1, 1] })],
  ['a dimension of zero', 'gguf-invalid', /zero/, tensor({ dimensions: [8, 0] })],
  ['a dimension of 2^63', 'gguf-limit', /elements/, tensor({ dimensions: [2n ** 63n] })],
  ['a product that overflows', 'gguf-limit', /elements/, tensor({ dimensions: [2n ** 32n, 2n ** 32n] })],
  ['a product that wraps to zero', 'gguf-limit', /elements/, tensor({ dimensions: [2n ** 32n, 2n ** 16n, 2n ** 16n] })],
  ['bytes that overflow', 'gguf-limit', /elements/, tensor({ dimensions: [2n ** 52n] })],
  ['rows of half a block', 'gguf-invalid', /multiple of 32/, tensor({ type: 'Q4_1', dimensions: [48, 2] })],
  ['a misaligned tensor', 'gguf-invalid', /multiple of 32/, tensor({ offset: 8n })],
  ['a tensor beyond the end', 'gguf-truncated', /ends at/, tensor({ offset: 2n ** 40n })],
  ['an offset of 2^64-32', 'gguf-truncated', /outside/, tensor({ offset: 2n ** 64n - 32n })],
  ['a tensor name that is too long', 'gguf-limit', /limit is 128/, tensor({ name: 'n'.repeat(129) })],
  ['two tensors of one name', 'gguf-invalid', /"a" appears twice/, { tensors: [square, square] }],
  [
    'overlapping tensors',
    'gguf-invalid',
    /"a" and "b" overlap/,
    { tensors: [square, { ...square, name: 'b', offset: 128n }] },
  ],
];

describe('a GGUF file is refused', () => {
  it.each(cases)('with %s: %s', async (_what, code, message, wanted) => {
    const error = await refusal(writeGguf(wanted));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message, 'a sentence').toMatch(/^(?:[A-Z]|general\.alignment)/);
  });

  it('wherever it ends early', async () => {
    const whole = writeGguf({ metadata: [['key', word]], tensors: [square] });
    for (let length = 0; length < whole.length; length++) {
      const error = await refusal(whole.subarray(0, length));
      expect(error.code, `${length} bytes`).toBe('gguf-truncated');
    }
  });

  const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const others: readonly (readonly [what: string, start: Uint8Array, kind: RegExp])[] = [
    ['HTML', latin('\n <!DOCTYPE html><html>'), /HTML page/],
    ['a safetensors file', latin('\x08\x12\0\0\0\0\0\0{"__metadata__":{}}'), /safetensors/],
    ['a ZIP archive', latin('PK\x03\x04 archive/data.pkl'), /ZIP/],
    ['a pickle', latin('\x80\x02ctorch\n_utils'), /pickle/],
    ['gzip', latin('\x1f\x8b\x08\0\0\0\0\0\0\0'), /gzip/],
    ['a Git LFS pointer', latin('version https://git-lfs.github.com/spec/v1\n'), /Git LFS/],
    ['JSON', latin('{"error":"not found"}'), /JSON/],
    ['an old GGML file', latin('tjgg\x03\0\0\0'), /GGML/],
    ['anything else', latin('\0\x01\x02\x03\x04\x05\x06\x07\x08'), /does not begin/],
  ];
  it.each(others)('when it is %s', async (_what, start, kind) => {
    const error = await refusal(start);
    expect(error.code).toBe('gguf-invalid');
    expect(error.message).toMatch(kind);
  });

  it('when the source gives less than it promised', async () => {
    const bytes = writeGguf({ tensors: [square] });
    const short: ByteSource = { size: bytes.length + 1000, read: () => Promise.resolve(bytes) };
    await expect(readGguf(short)).rejects.toMatchObject({ code: 'gguf-truncated' });
  });
});

describe('an abort', () => {
  const source = new MemoryByteSource(writeGguf({ tensors: [square] }));
  it('before the start rejects with AbortError', async () => {
    await expect(readGguf(source, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('during a read rejects with AbortError', async () => {
    const controller = new AbortController();
    const slow: ByteSource = {
      size: source.size,
      read(offset, length) {
        controller.abort(abortError());
        return source.read(offset, length);
      },
    };
    await expect(readGguf(slow, controller.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
