import type { GgmlTypeName, GgufFile, GgufTensor } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import type { NormSpec, VectorSpec, WeightSpec } from './decoder-spec.ts';

function unsupported(message: string, details: Record<string, string | number>): SottoError {
  return new SottoError('model-unsupported', message, { details });
}

/** What vectors may be stored as: backends widen them to f32. */
const VECTOR_TYPES: ReadonlySet<GgmlTypeName> = new Set<GgmlTypeName>(['F32', 'F16', 'BF16']);

/**
 * Reads what an architecture file needs from a GGUF header and believes none of it: numbers must lie in a range, tensors
 * must have the shape that the numbers imply. Remembers which tensors were asked for, so that one nobody asked for (a
 * router, a convolution) is refused instead of ignored: ignoring it would run another model than the file holds.
 */
export class ModelReader {
  readonly #gguf: GgufFile;
  readonly #used = new Set<string>();
  readonly #leftOut = new Set<string>();
  readonly architecture: string;

  constructor(gguf: GgufFile, architecture: string) {
    this.#gguf = gguf;
    this.architecture = architecture;
  }

  /** The error for a part that no spec can name: "not supported: ARCHITECTURE, because PART". */
  refusal(part: string): SottoError {
    return unsupported(`This model is not supported: ${this.architecture}, because of ${part}.`, {
      architecture: this.architecture,
      part,
    });
  }

  /** True where the file says anything at `<architecture>.<key>`. */
  says(key: string): boolean {
    return this.#gguf.metadata.has(`${this.architecture}.${key}`);
  }

  /** A number at `<architecture>.<key>`, within [least, most]; `fallback` where the key is absent. */
  number(key: string, least: number, most: number, fallback?: number): number {
    return this.#inRange(`${this.architecture}.${key}`, this.#value(key) ?? fallback, least, most);
  }

  /** The same for a count. */
  integer(key: string, least: number, most: number, fallback?: number): number {
    return this.#whole(key, this.number(key, least, most, fallback));
  }

  /** A count a layer: the file holds one number for all or a list. */
  integers(key: string, layers: number, least: number, most: number, fallback?: number): number[] {
    const value = this.#value(key);
    if (typeof value !== 'object') {
      return new Array<number>(layers).fill(this.integer(key, least, most, fallback));
    }
    return Array.from({ length: layers }, (_, i) => {
      return this.#whole(key, this.#inRange(`${this.architecture}.${key}[${i}]`, value[i], least, most));
    });
  }

  /** A text at `<architecture>.<key>`, or undefined. */
  text(key: string): string | undefined {
    const value = this.#value(key);
    return typeof value === 'string' ? value : undefined;
  }

  /** A switch at `<architecture>.<key>`. */
  flag(key: string, fallback: boolean): boolean {
    const value = this.#value(key);
    return typeof value === 'boolean' ? value : fallback;
  }

  /** A switch a layer, or undefined where the file has no such list. */
  flags(key: string, layers: number): readonly boolean[] | undefined {
    const value = this.#value(key);
    if (typeof value !== 'object') return undefined;
    return Array.from({ length: layers }, (_, i) => Boolean(value[i]));
  }

  has(name: string): boolean {
    return this.#gguf.tensors.has(name);
  }

  /** The shape of a tensor as the file has it, innermost first; undefined where there is none. */
  shapeOf(name: string): readonly number[] | undefined {
    return this.#gguf.tensors.get(name)?.dimensions;
  }

  /** The weight `<part>.weight` of `rows` × `columns`, with the bias `<part>.bias` where the file has one. */
  weight(part: string, rows: number, columns: number): WeightSpec {
    const name = `${part}.weight`;
    const { type } = this.#tensor(name, [columns, rows]);
    return { name, type, rows, columns, firstRow: 0, bias: this.optionalVector(`${part}.bias`, rows) };
  }

  /** One weight an expert, stacked in `<part>.weight` along a third dimension; biases `[expert][rows]`. */
  stackedWeights(part: string, count: number, rows: number, columns: number): WeightSpec[] {
    const name = `${part}.weight`;
    const { type } = this.#tensor(name, [columns, rows, count]);
    const bias = this.optionalVector(`${part}.bias`, count * rows);
    return Array.from({ length: count }, (_, expert) => {
      const own = bias && { ...bias, first: expert * rows, size: rows };
      return { name, type, rows, columns, firstRow: expert * rows, bias: own };
    });
  }

  /** Several weights that lie one after the other in `<part>.weight`, the rows of each given; their biases likewise. */
  fusedWeights(part: string, rows: readonly number[], columns: number): WeightSpec[] {
    const whole = this.weight(
      part,
      rows.reduce((sum, count) => sum + count, 0),
      columns,
    );
    let firstRow = 0;
    return rows.map((count) => {
      const bias = whole.bias && { ...whole.bias, first: firstRow, size: count };
      const weight = { ...whole, rows: count, firstRow, bias };
      firstRow += count;
      return weight;
    });
  }

  /** Several weights whose rows take turns in `<part>.weight`: `count` times the rows of the first, then of the second … */
  stripedWeights(part: string, count: number, rows: readonly number[], columns: number): WeightSpec[] {
    const every = rows.reduce((sum, own) => sum + own, 0);
    const whole = this.weight(part, count * every, columns);
    if (whole.bias !== undefined) throw this.refusal(`biases of ${part}`);
    return rows.map((own, index) => {
      const firstRow = rows.slice(0, index).reduce((sum, before) => sum + before, 0);
      return { ...whole, rows: count * own, firstRow, stripes: { rows: own, every } };
    });
  }

  vector(name: string, size: number): VectorSpec {
    const { type } = this.#tensor(name, [size]);
    if (!VECTOR_TYPES.has(type)) {
      throw unsupported(`${name} is stored as ${type}; vectors are read as F32, F16 or BF16.`, { tensor: name });
    }
    return { name, type, size, first: 0 };
  }

  optionalVector(name: string, size: number): VectorSpec | undefined {
    return this.has(name) ? this.vector(name, size) : undefined;
  }

  /** The norm `<part>.weight` with its bias where it has one. Throws `gguf-invalid` where the file lacks it. */
  norm(part: string, size: number): NormSpec {
    // Falcon-H1's files name one of its norms without the ending.
    const name = this.has(part) ? part : `${part}.weight`;
    return { weight: this.vector(name, size), bias: this.optionalVector(`${part}.bias`, size) };
  }

  /** The row count of a table: the vocabulary, as the file's bytes have it. */
  rowsOf(name: string): number {
    const rows = this.shapeOf(name)?.[1];
    if (rows === undefined) throw this.#missing(name);
    return rows;
  }

  /** Names tensors that the model carries but has no use for. */
  ignore(isIgnored: (name: string) => boolean): void {
    for (const name of this.#gguf.tensors.keys()) if (isIgnored(name)) this.#used.add(name);
  }

  /** Names tensors of a part that is not run and that text does not need; `part` is what people are told of it. */
  leaveOut(part: string, isPart: (name: string) => boolean): void {
    for (const name of this.#gguf.tensors.keys()) {
      if (!isPart(name)) continue;
      this.#used.add(name);
      this.#leftOut.add(part);
    }
  }

  /** The parts that were left out. */
  get leftOut(): readonly string[] {
    return [...this.#leftOut];
  }

  /** Refuses tensors that the spec did not ask for. */
  refuseUnused(): void {
    for (const name of this.#gguf.tensors.keys()) {
      if (!this.#used.has(name)) throw this.refusal(`a part that this engine does not run: ${name}`);
    }
  }

  #value(key: string) {
    return this.#gguf.metadata.get(`${this.architecture}.${key}`);
  }

  #inRange(name: string, value: unknown, least: number, most: number): number {
    if (value === undefined)
      throw new SottoError('gguf-invalid', `The file lacks ${name}.`, { details: { key: name } });
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      const shown = typeof value === 'number' || typeof value === 'bigint' ? String(value) : typeof value;
      throw unsupported(`${name} is ${shown}; this engine reads ${least} to ${most}.`, { key: name });
    }
    return value;
  }

  #whole(key: string, value: number): number {
    if (Number.isInteger(value)) return value;
    throw unsupported(`${this.architecture}.${key} is ${value}, not a whole number.`, { key });
  }

  #tensor(name: string, shape: readonly number[]): GgufTensor {
    const tensor = this.#gguf.tensors.get(name);
    if (tensor === undefined) throw this.#missing(name);
    if (!isShape(tensor.dimensions, shape)) {
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

/** Trailing ones carry no meaning (writers differ in whether they keep them), and a vector may be folded into rows. */
function isShape(dimensions: readonly number[], shape: readonly number[]): boolean {
  const actual = dimensions.slice();
  while (actual.length > shape.length && actual.at(-1) === 1) actual.pop();
  if (shape.length === 1) return actual.reduce((size, dimension) => size * dimension, 1) === shape[0];
  return actual.length === shape.length && actual.every((size, i) => size === shape[i]);
}
