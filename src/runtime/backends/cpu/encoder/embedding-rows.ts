import type { EncoderSpec, WeightSpec } from '../../../architectures/index.ts';
import { dequantise } from '../../blocks/index.ts';
import { addedRows, bytesPerRow, readRows, type TableSource } from '../../read-table.ts';

/** What goes into an encoder: each token's embedding, its position's and the first kind of segment's, added up. */
export class EmbeddingRows {
  readonly #table: Uint8Array;
  readonly #type: WeightSpec['type'];
  readonly #rowBytes: number;
  readonly #scale: number;
  /** Positions with the segment's row added; or that row alone; or nothing. */
  readonly #added: Float32Array;
  /** Of the row that is written. */
  readonly #values: Float32Array;

  private constructor(spec: EncoderSpec, table: Uint8Array, added: Float32Array) {
    this.#table = table;
    this.#type = spec.embedding.type;
    this.#rowBytes = bytesPerRow(spec.embedding);
    this.#scale = spec.embeddingScale;
    this.#added = added;
    this.#values = new Float32Array(spec.embedding.columns);
  }

  static async read(spec: EncoderSpec, from: TableSource): Promise<EmbeddingRows> {
    const table = await readRows(spec.embedding, spec.embedding.rows, from);
    const added = await addedRows(spec, from);
    return new EmbeddingRows(spec, table, added);
  }

  get byteLength(): number {
    return this.#table.byteLength + this.#added.byteLength;
  }

  /** Writes the row of a token at a position. */
  write(id: number, position: number, to: Float32Array): void {
    const start = id * this.#rowBytes;
    dequantise(this.#type, this.#table.subarray(start, start + this.#rowBytes), this.#values);
    // All threads wait for this loop: fields are read once.
    const [values, added, scale, width] = [this.#values, this.#added, this.#scale, to.length];
    if (added.length === 0) {
      for (let i = 0; i < width; i++) to[i] = values[i]! * scale;
      return;
    }
    const first = added.length > width ? position * width : 0;
    for (let i = 0; i < width; i++) to[i] = values[i]! * scale + added[first + i]!;
  }
}
