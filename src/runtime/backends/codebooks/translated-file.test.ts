import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ggmlTypeByName } from '../../../formats/gguf/index.ts';
import type { GgmlTypeName, GgufFile, GgufTensor } from '../../../formats/gguf/types.ts';
import { heldBytes } from '../../../library/held-bytes.ts';
import { MemoryByteSource } from '../../../shared/index.ts';
import { dequantise } from '../blocks/index.ts';
import { holdCodebooks } from '../hold-codebooks.ts';

interface BlockCase {
  readonly type: GgmlTypeName;
  readonly bytes: string;
  readonly values: string;
}
const cases = JSON.parse(readFileSync('scripts/goldens/codebooks.json', 'utf8')) as BlockCase[];

/** Root mean square of what is lost, as a share of the values: nothing, a rounded scale, or two scales in one block. */
const LOSS: Readonly<Record<string, number>> = {
  IQ1_S: 7e-4,
  IQ1_M: 0,
  IQ2_XXS: 7e-4,
  IQ2_XS: 7e-3,
  IQ2_S: 7e-3,
  IQ3_XXS: 0,
  IQ3_S: 7e-4,
};

/** A file of ten F32 values and then the blocks, 256 values a row, between two bytes that are nobody's. */
function fileOf({ type, bytes }: BlockCase) {
  const blocks = Buffer.from(bytes, 'hex');
  const { blockBytes } = ggmlTypeByName(type);
  const file = Uint8Array.from([
    ...new Uint8Array(Float32Array.from({ length: 10 }, (_, i) => i).buffer),
    7,
    ...blocks,
  ]);
  const vector: GgufTensor = { name: 'v', type: 'F32', dimensions: [10], offset: 0, byteLength: 40 };
  const dimensions = [256, blocks.length / blockBytes];
  const weight: GgufTensor = { name: 'w', type, dimensions, offset: 41, byteLength: blocks.length };
  const gguf: GgufFile = {
    version: 3,
    metadata: new Map(),
    tensors: new Map([vector, weight].map((tensor) => [tensor.name, tensor])),
    dataOffset: 0,
    alignment: 32,
  };
  return { gguf, source: new MemoryByteSource(file), file };
}

const floats = (hex: string) => new Float32Array(Uint8Array.from(Buffer.from(hex, 'hex')).buffer);

describe.each(cases)('$type', (blocks) => {
  it('is read as a type that kernels know, with the values that llama.cpp reads', async () => {
    const { gguf, source } = fileOf(blocks);
    const held = await holdCodebooks(gguf, source);
    const { type, offset, byteLength, dimensions } = held.gguf.tensors.get('w')!;
    expect(heldBytes(blocks.type)).toBe(
      heldBytes(type) ?? (ggmlTypeByName(type).blockBytes * 32) / ggmlTypeByName(type).blockLength,
    );
    expect(dimensions).toEqual(gguf.tensors.get('w')!.dimensions);
    const values = dequantise(type, await held.source.read(offset, byteLength));
    const expected = floats(blocks.values);
    expect(values).toHaveLength(expected.length);
    const ofRow = (row: number) => {
      const [own, others] = [values, expected].map((all) => all.subarray(256 * row, 256 * row + 256));
      const squares = others!.reduce((sum, value) => sum + value ** 2, 0);
      const errors = others!.reduce((sum, value, i) => sum + (own![i]! - value) ** 2, 0);
      return Math.sqrt(errors / squares);
    };
    for (const row of [0, 1, 2]) expect(ofRow(row), `row ${row}`).toBeLessThanOrEqual(LOSS[blocks.type]! + 1e-7);
    expect(held.requantised()).toMatchObject([{ from: blocks.type, to: type, tensors: 1 }]);
    expect(held.requantised()[0]!.relativeError).toBeLessThanOrEqual(LOSS[blocks.type]!);
  });

  it('gives the same bytes however it is read, and leaves the rest of the file alone', async () => {
    const { gguf, source, file } = fileOf(blocks);
    const held = await holdCodebooks(gguf, source);
    const { offset, byteLength } = held.gguf.tensors.get('w')!;
    const whole = await held.source.read(offset, byteLength);
    for (const [from, to] of [
      [0, 1],
      [5, 300],
      [byteLength - 211, byteLength],
    ] as const) {
      expect(await held.source.read(offset + from, to - from)).toEqual(whole.slice(from, to));
      const target = new Uint8Array(to - from);
      await held.source.readInto!(offset + from, target);
      expect(target).toEqual(whole.slice(from, to));
    }
    expect(await held.source.read(0, 41)).toEqual(file.slice(0, 41));
    expect(held.gguf.tensors.get('v')).toBe(gguf.tensors.get('v'));
    expect(held.source.size).toBe(offset + byteLength);
    await expect(held.source.read(offset, byteLength + 1)).rejects.toThrow(RangeError);
  });
});

it('gives a file without them back as it is', async () => {
  const { gguf, source } = fileOf(cases[0]!);
  const plain = { ...gguf, tensors: new Map([['v', gguf.tensors.get('v')!]]) };
  const held = await holdCodebooks(plain, source);
  expect([held.gguf, held.source, held.requantised()]).toEqual([plain, source, []]);
});
