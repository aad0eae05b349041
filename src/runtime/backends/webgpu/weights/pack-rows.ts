import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import { dequantise, quantiseQ8_0, type RequantisationLoss } from '../../blocks/index.ts';
import { REWRITES } from './rewrite-blocks.ts';
import { type ReadSuperBlock, readQ2K, readQ3K, readQ4K, readQ5K, readQ6K, type SuperBlock } from './unpack-block.ts';
import { formatLayout, formatOf, isExact, type WeightFormat } from './weight-format.ts';
import { fileRowBytes, layoutOf, type MatrixLayout } from './weight-matrix.ts';

const SUPER_BLOCKS: Readonly<Partial<Record<WeightFormat, ReadSuperBlock>>> = {
  q2_k: readQ2K,
  q3_k: readQ3K,
  q4_k: readQ4K,
  q5_k: readQ5K,
  q6_k: readQ6K,
};

/** Rows in the making: values, scales and high bits of `rows` rows, as `layoutOf` lays them out. */
export class PackedRows {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #format: WeightFormat;
  readonly #columns: number;
  readonly #layout: MatrixLayout;
  readonly #onLoss: ((loss: RequantisationLoss) => void) | undefined;

  /** `onLoss` hears of rows whose type has no reader. */
  constructor(format: WeightFormat, rows: number, columns: number, onLoss?: (loss: RequantisationLoss) => void) {
    this.#layout = layoutOf(format, rows, columns);
    this.bytes = new Uint8Array(this.#layout.byteLength);
    this.#format = format;
    this.#columns = columns;
    this.#onLoss = onLoss;
  }

  /** The values alone. */
  get values(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.#layout.scalesOffset);
  }

  /** The scales alone, up to whole 16-byte words. */
  get scales(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.#layout.scalesOffset, this.#layout.highsOffset);
  }

  /** The high bits alone, up to whole 16-byte words. */
  get highs(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(this.#layout.highsOffset);
  }

  /** Packs `count` rows of a tensor, `bytes` as the file holds them; row i goes to `placeOf(i)`. */
  pack(type: GgmlTypeName, bytes: Uint8Array, count: number, placeOf: (row: number) => number): void {
    const rowBytes = fileRowBytes(type, this.#columns);
    const isKept = formatOf(type) === this.#format && isExact(type) && type !== 'BF16';
    const readSuperBlock = SUPER_BLOCKS[this.#format];
    const rewrite = REWRITES.get(type);
    for (let row = 0; row < count; row++) {
      const own = bytes.subarray(row * rowBytes, (row + 1) * rowBytes);
      const place = placeOf(row);
      if (this.#format === 'f32' && !isKept) this.#widen(type, own, place);
      else if (!isKept) this.#separate(this.#requantise(type, own), place);
      else if (readSuperBlock !== undefined) this.#regroup(readSuperBlock, own, place);
      else if (formatLayout(this.#format).scaleBytes === 0) this.#copy(own, place);
      else this.#separate(rewrite?.(own) ?? own, place);
    }
  }

  /** Scales to the scales, high bits to the high bits, values to the values. */
  #separate(from: Uint8Array, row: number): void {
    const layout = formatLayout(this.#format);
    const { blocks, scalesOffset, highsOffset } = this.#layout;
    const { bytes } = this;
    // The file gives 128 signs one scale.
    const share = this.#format === 'q1_0' ? 4 : 1;
    const [valueBytes, scaleBytes, highBits] = [layout.quads * 16 * share, layout.scaleBytes * share, layout.highBits];
    let read = 0;
    let valueAt = (row * blocks * valueBytes) / share;
    let scaleAt = scalesOffset + (row * blocks * scaleBytes) / share;
    let highAt = highsOffset + row * blocks * highBits * 4;
    for (let block = 0; block < blocks; block += share) {
      for (let i = 0; i < scaleBytes; i++) bytes[scaleAt++] = from[read++]!;
      for (let i = 0; i < highBits * 4; i++) bytes[highAt++] = from[read++]!;
      for (let i = 0; i < valueBytes; i++) bytes[valueAt++] = from[read++]!;
    }
  }

  /** Super-blocks of 256 as 8 blocks: nibble j with nibble j + 16 in a byte, high bits in order. */
  #regroup(read: ReadSuperBlock, from: Uint8Array, row: number): void {
    const { scalesOffset, highsOffset, blocks } = this.#layout;
    const { highBits } = formatLayout(this.#format);
    const { bytes } = this;
    const supers = blocks / 8;
    const superBytes = from.length / supers;
    const block: SuperBlock = { quants: new Uint8Array(256), scales: new Uint8Array(20) };
    const { quants } = block;
    for (let at = 0; at < supers; at++) {
      read(from, at * superBytes, block);
      bytes.set(block.scales, scalesOffset + (row * supers + at) * 20);
      let valueAt = (row * blocks + at * 8) * 16;
      for (let start = 0; start < 256; start += 32) {
        for (let i = 0; i < 16; i++) {
          bytes[valueAt++] = (quants[start + i]! & 15) | ((quants[start + 16 + i]! & 15) << 4);
        }
      }
      if (highBits === 0) continue;
      let highAt = highsOffset + (row * blocks + at * 8) * highBits * 4;
      const perByte = 8 / highBits;
      for (let start = 0; start < 256; start += perByte) {
        let byte = 0;
        for (let i = 0; i < perByte; i++) byte |= (quants[start + i]! >> 4) << (i * highBits);
        bytes[highAt++] = byte;
      }
    }
  }

  #copy(from: Uint8Array, row: number): void {
    this.bytes.set(from, row * this.#layout.blocks * formatLayout(this.#format).quads * 16);
  }

  #requantise(type: GgmlTypeName, from: Uint8Array): Uint8Array {
    const values = dequantise(type, from);
    const bytes = new Uint8Array((values.length / 32) * 34);
    this.#onLoss?.(quantiseQ8_0(values, bytes));
    return bytes;
  }

  #widen(type: GgmlTypeName, from: Uint8Array, row: number): void {
    new Float32Array(this.bytes.buffer, row * this.#layout.blocks * 128, this.#columns).set(dequantise(type, from));
  }
}
