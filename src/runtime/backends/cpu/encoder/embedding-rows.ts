import { ggmlTypeByName } from '../../../../formats/gguf/index.ts';
import type { GgufFile } from '../../../../formats/gguf/types.ts';
import { type ByteSource, SottoError } from '../../../../shared/index.ts';
import type { EncoderSpec, WeightSpec } from '../../../architectures/index.ts';
import { dequantise } from '../../blocks/index.ts';

export interface TableSource {
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  readonly signal: AbortSignal | undefined;
}

/** What goes into an encoder: each token's embedding, its position's and the first kind of segment's, added up. */
export class EmbeddingRows {
  readonly #table: Uint8Array;
  readonly #type: WeightSpec['type'];
  readonly #rowBytes: number;
  readonly #scale: number;
  /** Positions with the segment's row added; or that row alone; or nothing. */
  readonly #added: Float32Array;

  private constructor(spec: EncoderSpec, table: Uint8Array, added: Float32Array) {
    this.#table = table;
    this.#type = spec.embedding.type;
    this.#rowBytes = bytesPerRow(spec.embedding);
    this.#scale = spec.embeddingScale;
    this.#added = added;
  }

  static async read(spec: EncoderSpec, from: TableSource): Promise<EmbeddingRows> {
    const table = await readRows(spec.embedding, spec.embedding.rows, from);
    const positions = spec.positions && (await readFloats(spec.positions, spec.positions.rows, from));
    const segment = spec.segments && (await readFloats(spec.segments, 1, from));
    const added = positions ?? segment ?? new Float32Array(0);
    if (positions && segment) {
      for (let i = 0; i < positions.length; i++) positions[i]! += segment[i % spec.hiddenSize]!;
    }
    return new EmbeddingRows(spec, table, added);
  }

  get byteLength(): number {
    return this.#table.byteLength + this.#added.byteLength;
  }

  /** Writes the row of a token at a position. */
  write(id: number, position: number, to: Float32Array): void {
    const start = id * this.#rowBytes;
    const values = dequantise(this.#type, this.#table.subarray(start, start + this.#rowBytes));
    const width = to.length;
    const added = this.#added.length > width ? position * width : 0;
    const hasAdded = this.#added.length > 0;
    for (let i = 0; i < width; i++) to[i] = values[i]! * this.#scale + (hasAdded ? this.#added[added + i]! : 0);
  }
}

/** The first rows of a weight as floats. */
export async function readFloats(weight: WeightSpec, rows: number, from: TableSource): Promise<Float32Array> {
  return dequantise(weight.type, await readRows(weight, rows, from));
}

function bytesPerRow({ type, columns }: WeightSpec): number {
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  return (columns / blockLength) * blockBytes;
}

async function readRows(weight: WeightSpec, rows: number, { gguf, source, signal }: TableSource): Promise<Uint8Array> {
  const tensor = gguf.tensors.get(weight.name);
  if (tensor === undefined) throw new SottoError('gguf-invalid', `The file lacks the tensor ${weight.name}.`);
  return source.read(tensor.offset + weight.firstRow * bytesPerRow(weight), rows * bytesPerRow(weight), signal);
}
