import { expect, it } from 'vitest';
import { MemoryByteSource } from '../../shared/index.ts';
import { byteLengthOf, type GgufField, ggufHeader, paddingAfter, readGguf } from './index.ts';

it('is read back as it was written, with a header of any length', async () => {
  const words = Array.from({ length: 20_000 }, (_, index) => `word ${index} ÄÖ`);
  const metadata = new Map<string, GgufField>([
    ['a.text', { type: 'string', value: 'Grüße' }],
    ['a.count', { type: 'uint32', value: 4_000_000_000 }],
    ['a.share', { type: 'float32', value: 0.5 }],
    ['a.flag', { type: 'bool', value: true }],
    ['a.words', { type: 'array', of: 'string', value: words }],
    ['a.numbers', { type: 'array', of: 'int32', value: words.map((_, index) => 1 - index) }],
    ['a.scores', { type: 'array', of: 'float32', value: words.map((_, index) => index / 2) }],
    ['a.bytes', { type: 'array', of: 'uint8', value: Uint8Array.of(0, 127, 255) }],
    ['a.flags', { type: 'array', of: 'bool', value: [true, false] }],
  ]);
  const tensors = [
    { name: 'x.weight', type: 'Q8_0', dimensions: [32, 3] },
    { name: 'y.weight', type: 'F32', dimensions: [5] },
    { name: 'z.weight', type: 'F16', dimensions: [2, 2] },
  ] as const;
  const data = tensors.reduce((sum, tensor) => sum + byteLengthOf(tensor) + paddingAfter(byteLengthOf(tensor)), 0);
  const header = ggufHeader(metadata, tensors);
  const file = await readGguf(new MemoryByteSource(new Uint8Array([...header, ...new Uint8Array(data)])));
  const plain = (value: unknown) => (typeof value === 'object' ? Array.from(value as ArrayLike<unknown>) : value);
  for (const [key, { value }] of metadata) expect(plain(file.metadata.get(key)), key).toEqual(plain(value));
  expect([...file.tensors.values()].map(({ name, type, dimensions }) => ({ name, type, dimensions }))).toEqual(tensors);
  expect(file.dataOffset).toBe(header.byteLength);
  expect(byteLengthOf(tensors[0])).toBe(102);
});
