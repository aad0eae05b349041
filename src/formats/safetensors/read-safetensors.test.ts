import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryByteSource, SottoError } from '../../shared/index.ts';
import { readSafetensors } from './index.ts';

/** A file with this header (text or object) and `dataBytes` zeros behind it. */
function file(header: unknown, dataBytes = 0, length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.byteLength + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.byteLength), true);
  bytes.set(text, 8);
  return bytes;
}

const read = (bytes: Uint8Array) => readSafetensors(new MemoryByteSource(bytes));
const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

it('finds each tensor where it lies', async () => {
  const header = { __metadata__: { format: 'pt' }, a: tensor(0, 24, [2, 3]), b: tensor(24, 26, [1], 'BF16') };
  const bytes = file(header, 26);
  const { metadata, tensors } = await read(bytes);
  expect(metadata.get('format')).toBe('pt');
  expect(tensors.get('a')).toMatchObject({ type: 'F32', shape: [2, 3], offset: bytes.length - 26, byteLength: 24 });
  expect(tensors.get('b')).toMatchObject({ type: 'BF16', offset: bytes.length - 2 });
});

describe('is refused', () => {
  it.each([
    ['a file of some bytes', new Uint8Array(5), 'safetensors-truncated'],
    ['a header beyond the file', file('{}', 0, 50n), 'safetensors-truncated'],
    ['a header of 4 GB', file('{}', 0, 2n ** 32n), 'safetensors-limit'],
    ['a header of all bytes there are', file('{}', 0, 2n ** 64n - 1n), 'safetensors-limit'],
    ['a header that is no JSON', file('<html>'), 'safetensors-invalid'],
    ['a header that is a list', file('[]'), 'safetensors-invalid'],
    ['a tensor beyond the file', file({ a: tensor(0, 8) }, 4), 'safetensors-truncated'],
    ['tensors that overlap', file({ a: tensor(0, 8), b: tensor(4, 12) }, 12), 'safetensors-invalid'],
    ['a tensor that ends before it begins', file({ a: tensor(8, 0, [0]) }, 8), 'safetensors-invalid'],
    ['a shape of another length', file({ a: tensor(0, 8, [3]) }, 8), 'safetensors-invalid'],
    ['a shape that overflows', file({ a: tensor(0, 8, [2 ** 40, 2 ** 40]) }, 8), 'safetensors-invalid'],
    ['a size below zero', file({ a: tensor(0, 8, [-2]) }, 8), 'safetensors-invalid'],
    ['an unknown type', file({ a: tensor(0, 8, [2], 'F7') }, 8), 'safetensors-invalid'],
    ['an inherited name as a type', file({ a: tensor(0, 8, [2], 'constructor') }, 8), 'safetensors-invalid'],
    ['an entry that is nothing', file({ a: null }, 8), 'safetensors-invalid'],
  ])('%s', async (_, bytes, code) => {
    await expect(read(bytes)).rejects.toMatchObject({ code });
  });
});

it('answers any damage with a coded error, or reads what still makes sense', async () => {
  const whole = file({ __metadata__: { format: 'pt' }, a: tensor(0, 24, [2, 3]), b: tensor(24, 32) }, 32);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(40), async (at, by, cut) => {
      const bytes = whole.slice(0, whole.length - cut);
      if (at < bytes.length) bytes[at]! ^= by;
      const result = await read(bytes).catch((error: unknown) => error);
      if (result instanceof Error) expect(SottoError.isInstance(result)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
