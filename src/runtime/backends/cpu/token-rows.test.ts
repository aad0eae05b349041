import { expect, it } from 'vitest';
import type { GgufFile } from '../../../formats/gguf/types.ts';
import type { ByteSource } from '../../../shared/index.ts';
import { TokenRows } from './token-rows.ts';

const COLUMNS = 2048;
const ROW_BYTES = COLUMNS * 4;
const OFFSET = 64;
const weight = { name: 't', type: 'F32', rows: 4096, columns: COLUMNS, firstRow: 0, bias: undefined } as const;
const gguf = { tensors: new Map([['t', { offset: OFFSET }]]) } as unknown as GgufFile;

/** Every value of a row is its number. */
function countingSource() {
  const rows: number[] = [];
  const source: ByteSource = {
    size: OFFSET + weight.rows * ROW_BYTES,
    read: async (offset, length) => {
      rows.push((offset - OFFSET) / ROW_BYTES);
      return new Uint8Array(new Float32Array(length / 4).fill(rows.at(-1)!).buffer);
    },
  };
  return { rows, table: new TokenRows(weight, gguf, source) };
}

const firstsOf = (values: Float32Array) =>
  Array.from({ length: values.length / COLUMNS }, (_, i) => values[i * COLUMNS]);

it('reads the rows of tokens, each once and in the order of the file', async () => {
  const { rows, table } = countingSource();
  expect(firstsOf(await table.read([7, 3, 7, 4000, 0]))).toEqual([7, 3, 7, 4000, 0]);
  expect(rows).toEqual([0, 3, 7, 4000]);
  expect(firstsOf(await table.read([3, 8]))).toEqual([3, 8]);
  expect(rows).toEqual([0, 3, 7, 4000, 8]);
});

it('forgets the rows that were not used for longest', async () => {
  const { rows, table } = countingSource();
  const many = Array.from({ length: 2048 }, (_, token) => token);
  await table.read(many);
  await table.read([0]);
  await table.read([3000]);
  expect(rows).toHaveLength(2049);
  await table.read([0]);
  expect(rows).toHaveLength(2049);
  await table.read([1]);
  expect(rows).toHaveLength(2050);
});

it('fails as its source does, and for a file that lacks it', async () => {
  const broken: ByteSource = { size: 1, read: () => Promise.reject(new RangeError('gone')) };
  await expect(new TokenRows(weight, gguf, broken).read([1])).rejects.toThrow('gone');
  expect(() => new TokenRows({ ...weight, name: 'other' }, gguf, broken)).toThrow(
    expect.objectContaining({ code: 'gguf-invalid' }),
  );
});
