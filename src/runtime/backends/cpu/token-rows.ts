import { ggmlTypeByName } from '../../../formats/gguf/index.ts';
import type { GgufFile } from '../../../formats/gguf/types.ts';
import { type ByteSource, SottoError } from '../../../shared/index.ts';
import type { WeightSpec } from '../../architectures/index.ts';
import { dequantise } from '../blocks/index.ts';

/** Rows that are kept as the file has them: those of the words that texts are mostly made of. */
const KEPT_BYTES = 16 * 2 ** 20;

/**
 * A table with a row a token of which a pass needs its tokens' rows only. It stays where the file is: Gemma 4 E2B's takes
 * up to half of its file, and memory of WebAssembly ends at 4 GiB.
 */
export class TokenRows {
  readonly #weight: WeightSpec;
  readonly #source: ByteSource;
  readonly #offset: number;
  readonly #rowBytes: number;
  /** In order of last use. */
  readonly #kept = new Map<number, Uint8Array>();

  constructor(weight: WeightSpec, gguf: GgufFile, source: ByteSource) {
    const tensor = gguf.tensors.get(weight.name);
    if (tensor === undefined) throw new SottoError('gguf-invalid', `The file lacks the tensor ${weight.name}.`);
    const { blockLength, blockBytes } = ggmlTypeByName(weight.type);
    this.#weight = weight;
    this.#source = source;
    this.#offset = tensor.offset;
    this.#rowBytes = (weight.columns / blockLength) * blockBytes;
  }

  /** Rows of the tokens, as f32, one after the other. Rejects as the source does, or with an AbortError. */
  async read(tokens: readonly number[], signal?: AbortSignal): Promise<Float32Array> {
    const { type, columns } = this.#weight;
    const rows = new Map<number, Uint8Array>();
    // In the order of the file: neighbours are read from one piece of it.
    for (const token of [...new Set(tokens)].sort((a, b) => a - b)) rows.set(token, await this.#row(token, signal));
    const values = new Float32Array(tokens.length * columns);
    for (const [index, token] of tokens.entries()) {
      dequantise(type, rows.get(token)!, values.subarray(index * columns, (index + 1) * columns));
    }
    return values;
  }

  async #row(token: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const known = this.#kept.get(token);
    const row =
      known ?? (await this.#source.read(this.#offset + token * this.#rowBytes, this.#rowBytes, signal)).slice();
    this.#kept.delete(token);
    this.#kept.set(token, row);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size * this.#rowBytes > KEPT_BYTES) this.#kept.delete(oldest);
    return row;
  }
}
