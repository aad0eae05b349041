import type { GgufFile, GgufTensor } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import type { VectorSpec, WeightSpec } from './decoder-spec.ts';

function unsupported(message: string, details: Record<string, string | number>): SottoError {
  return new SottoError('model-unsupported', message, { details });
}

/**
 * Reads what an architecture file needs from a GGUF header and believes none of it: numbers must lie in a range, tensors
 * must have the shape that the numbers imply. Remembers which tensors were asked for, so that one nobody asked for (a
 * bias, an expert) is refused instead of ignored: ignoring it would run another model than the file holds.
 */
export class ModelReader {
  readonly #gguf: GgufFile;
  readonly #used = new Set<string>();
  readonly architecture: string;

  constructor(gguf: GgufFile, architecture: string) {
    this.#gguf = gguf;
    this.architecture = architecture;
  }

  /** A number at `<architecture>.<key>`, within [least, most]; `fallback` where the key is absent. */
  number(key: string, least: number, most: number, fallback?: number): number {
    const name = `${this.architecture}.${key}`;
    const value = this.#gguf.metadata.get(name) ?? fallback;
    if (value === undefined)
      throw new SottoError('gguf-invalid', `The file lacks ${name}.`, { details: { key: name } });
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      const shown = typeof value === 'number' || typeof value === 'bigint' ? String(value) : typeof value;
      throw unsupported(`${name} is ${shown}; this engine reads ${least} to ${most}.`, { key: name });
    }
    return value;
  }

  /** The same for a count. */
  integer(key: string, least: number, most: number, fallback?: number): number {
    const value = this.number(key, least, most, fallback);
    if (!Number.isInteger(value)) {
      throw unsupported(`${this.architecture}.${key} is ${value}, not a whole number.`, { key });
    }
    return value;
  }

  /** A text at `<architecture>.<key>`, or undefined. */
  text(key: string): string | undefined {
    const value = this.#gguf.metadata.get(`${this.architecture}.${key}`);
    return typeof value === 'string' ? value : undefined;
  }

  has(name: string): boolean {
    return this.#gguf.tensors.has(name);
  }

  /** A weight of `rows` × `columns`. */
  weight(name: string, rows: number, columns: number): WeightSpec {
    const tensor = this.#tensor(name, [columns, rows]);
    return { name, type: tensor.type, rows, columns };
  }

  /** A vector of `size` F32 values. */
  vector(name: string, size: number): VectorSpec {
    const tensor = this.#tensor(name, [size]);
    if (tensor.type !== 'F32') {
      throw unsupported(`${name} is stored as ${tensor.type}; vectors are read as F32.`, { tensor: name });
    }
    return { name, size };
  }

  /** The row count of the embedding table: the vocabulary, as the file's bytes have it. */
  rowsOf(name: string): number {
    const rows = this.#gguf.tensors.get(name)?.dimensions[1];
    if (rows === undefined) throw this.#missing(name);
    return rows;
  }

  /** Refuses tensors that the spec did not ask for. */
  refuseUnused(): void {
    for (const name of this.#gguf.tensors.keys()) {
      if (this.#used.has(name)) continue;
      throw unsupported(`The ${this.architecture} model has a part this engine does not run: ${name}.`, {
        architecture: this.architecture,
        tensor: name,
      });
    }
  }

  #tensor(name: string, shape: readonly number[]): GgufTensor {
    const tensor = this.#gguf.tensors.get(name);
    if (tensor === undefined) throw this.#missing(name);
    // Trailing ones carry no meaning; writers differ in whether they keep them.
    const actual = tensor.dimensions.slice();
    while (actual.length > shape.length && actual.at(-1) === 1) actual.pop();
    if (actual.length !== shape.length || actual.some((size, i) => size !== shape[i])) {
      const message = `${name} has the shape [${tensor.dimensions.join(', ')}]; the metadata imply [${shape.join(', ')}].`;
      throw new SottoError('gguf-invalid', message, { details: { tensor: name } });
    }
    this.#used.add(name);
    return tensor;
  }

  #missing(name: string): SottoError {
    return new SottoError('gguf-invalid', `The file lacks the tensor ${name}.`, { details: { tensor: name } });
  }
}
