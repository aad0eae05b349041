import { describe, expect, it } from 'vitest';
import { MemoryByteSource } from '../../shared/index.ts';
import { readGguf } from './read-gguf.ts';
import { type WrittenGguf, type WrittenValue, writeGguf } from './testing/gguf-writer.ts';

const read = (wanted: WrittenGguf) => readGguf(new MemoryByteSource(writeGguf(wanted)));
const readValue = async (value: WrittenValue) => (await read({ metadata: [['key', value]] })).metadata.get('key');

describe('metadata values', () => {
  const scalars: readonly WrittenValue[] = [
    { type: 'uint8', value: 255 },
    { type: 'int8', value: -128 },
    { type: 'uint16', value: 65_535 },
    { type: 'int16', value: -32_768 },
    { type: 'uint32', value: 4_294_967_295 },
    { type: 'int32', value: -2_147_483_648 },
    { type: 'float32', value: -0.15625 },
    { type: 'float64', value: Math.PI },
    { type: 'bool', value: true },
    { type: 'bool', value: false },
    { type: 'string', value: '' },
    { type: 'string', value: 'Ġhello 🌍 \u0000 end' },
    { type: 'string', value: 'long '.repeat(1000) },
  ];
  it.each(scalars)('keeps %o', async (written) => {
    expect(await readValue(written)).toBe('value' in written ? written.value : undefined);
  });

  it('gives 64-bit integers as numbers while they are exact', async () => {
    const safe = 2n ** 53n - 1n;
    expect(await readValue({ type: 'uint64', value: safe })).toBe(Number(safe));
    expect(await readValue({ type: 'int64', value: -safe })).toBe(-Number(safe));
    expect(await readValue({ type: 'uint64', value: 2n ** 32n + 7n })).toBe(2 ** 32 + 7);
    expect(await readValue({ type: 'uint64', value: 2n ** 64n - 1n })).toBe(2n ** 64n - 1n);
    expect(await readValue({ type: 'int64', value: -(2n ** 63n) })).toBe(-(2n ** 63n));
  });

  it('gives arrays of numbers as typed arrays', async () => {
    const items = [-1.5, 0, 2.25].map((value): WrittenValue => ({ type: 'float32', value }));
    expect(await readValue({ type: 'array', of: 'float32', items })).toEqual(new Float32Array([-1.5, 0, 2.25]));
    const shorts = [1, -2].map((value): WrittenValue => ({ type: 'int16', value }));
    expect(await readValue({ type: 'array', of: 'int16', items: shorts })).toEqual(new Int16Array([1, -2]));
  });

  it('gives a 64-bit array one element type', async () => {
    const of = (values: readonly bigint[]): WrittenValue => ({
      type: 'array',
      of: 'uint64',
      items: values.map((value) => ({ type: 'uint64', value })),
    });
    expect(await readValue(of([1n, 2n]))).toEqual([1, 2]);
    expect(await readValue(of([1n, 2n ** 60n]))).toEqual([1n, 2n ** 60n]);
  });

  it('gives arrays of texts and truths, empty ones too', async () => {
    const texts = ['a', '', '\ufeff', '漢字', 'é'.repeat(40)];
    const items = texts.map((value): WrittenValue => ({ type: 'string', value }));
    expect(await readValue({ type: 'array', of: 'string', items })).toEqual(texts);
    const truths = [true, false].map((value): WrittenValue => ({ type: 'bool', value }));
    expect(await readValue({ type: 'array', of: 'bool', items: truths })).toEqual([true, false]);
    expect(await readValue({ type: 'array', of: 'string', items: [] })).toEqual([]);
  });

  it('treats keys of the object prototype as keys', async () => {
    const file = await read({ metadata: [['__proto__', { type: 'string', value: 'plain' }]] });
    expect([...file.metadata]).toEqual([['__proto__', 'plain']]);
  });

  it('reads a vocabulary that crosses many steps of the source', async () => {
    const texts = Array.from({ length: 120_000 }, (_, index) => `Ġtoken-number-${index}-é`);
    const items = texts.map((value): WrittenValue => ({ type: 'string', value }));
    expect(await readValue({ type: 'array', of: 'string', items })).toEqual(texts);
  });
});

describe('tensors', () => {
  it('are placed behind the aligned header, under version 2 and 3, at any alignment', async () => {
    for (const version of [2, 3] as const) {
      for (const alignment of [1, 8, 64, 4096]) {
        const bytes = writeGguf({
          version,
          alignment,
          tensors: [
            { name: 'a', type: 'Q4_1', dimensions: [64, 3], data: new Uint8Array(120).fill(1) },
            { name: 'b', type: 'F32', dimensions: [5], data: new Uint8Array(20).fill(2) },
            { name: 'scalar', type: 'F16', dimensions: [], data: new Uint8Array(2).fill(3) },
          ],
        });
        const file = await readGguf(new MemoryByteSource(bytes));
        expect(file.version).toBe(version);
        expect(file.alignment).toBe(alignment);
        expect(file.dataOffset % alignment).toBe(0);
        for (const [index, tensor] of [...file.tensors.values()].entries()) {
          const data = bytes.subarray(tensor.offset, tensor.offset + tensor.byteLength);
          expect(data.every((byte) => byte === index + 1)).toBe(true);
        }
        expect([...file.tensors.values()].map((tensor) => tensor.byteLength)).toEqual([120, 20, 2]);
      }
    }
  });

  it('may be none: a vocabulary file ends with its header', async () => {
    const file = await read({ metadata: [['general.architecture', { type: 'string', value: 'llama' }]] });
    expect(file.tensors.size).toBe(0);
  });
});
