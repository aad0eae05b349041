import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import { formatLayout, formatOf, type WeightFormat } from './weight-format.ts';
import { fileRowBytes, layoutOf } from './weight-matrix.ts';
import { widenRow } from './widen-row.ts';

/** Rows in the making: values and scales of `rows` rows, as `layoutOf` lays them out. */
export class PackedRows {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #format: WeightFormat;
  readonly #columns: number;
  readonly #blocks: number;
  readonly #scalesOffset: number;

  constructor(format: WeightFormat, rows: number, columns: number) {
    const { blocks, scalesOffset, byteLength } = layoutOf(format, rows, columns);
    this.bytes = new Uint8Array(byteLength);
    this.#format = format;
    this.#columns = columns;
    this.#blocks = blocks;
    this.#scalesOffset = scalesOffset;
  }

  /** The values alone. */
  get values(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.#scalesOffset);
  }

  /** The scales alone, up to whole 16-byte words. */
  get scales(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.#scalesOffset);
  }

  /** Packs `count` rows of a tensor, `bytes` as the file holds them; row i goes to `placeOf(i)`. */
  pack(type: GgmlTypeName, bytes: Uint8Array, count: number, placeOf: (row: number) => number): void {
    const rowBytes = fileRowBytes(type, this.#columns);
    const isKept = formatOf(type) === this.#format && type !== 'BF16';
    const { scales } = formatLayout(this.#format);
    // Blocks are whole 16-bit numbers, but what the source hands out may begin anywhere.
    const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
    const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
    for (let row = 0; row < count; row++) {
      if (!isKept) this.#widen(type, bytes.subarray(row * rowBytes, (row + 1) * rowBytes), placeOf(row));
      else if (scales === 0) this.#copy(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), placeOf(row));
      else this.#separate(halves, (row * rowBytes) / 2, placeOf(row));
    }
  }

  /** Scales to the scales, values to the values. */
  #separate(from: Uint16Array, start: number, row: number): void {
    const { quads, scales } = formatLayout(this.#format);
    const valueHalves = quads * 8;
    const values = new Uint16Array(this.bytes.buffer, 0, this.#scalesOffset / 2);
    const scaleHalves = new Uint16Array(this.bytes.buffer, this.#scalesOffset);
    let read = start;
    let valueAt = row * this.#blocks * valueHalves;
    let scaleAt = row * this.#blocks * scales;
    for (let block = 0; block < this.#blocks; block++) {
      for (let i = 0; i < scales; i++) scaleHalves[scaleAt++] = from[read++]!;
      for (let i = 0; i < valueHalves; i++) values[valueAt++] = from[read++]!;
    }
  }

  #copy(from: Uint8Array, row: number): void {
    this.bytes.set(from, row * this.#blocks * formatLayout(this.#format).quads * 16);
  }

  #widen(type: GgmlTypeName, from: Uint8Array, row: number): void {
    widenRow(type, from, new Float32Array(this.bytes.buffer, row * this.#blocks * 128, this.#columns));
  }
}
