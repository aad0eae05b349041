import type {
  LayerSpec,
  LowRankSpec,
  NormSpec,
  StreamsSpec,
  VectorSpec,
  WeightSpec,
} from '../../architectures/index.ts';

/** What the streams are computed with. */
export interface StreamTools {
  readonly vector: (of: VectorSpec) => ArrayLike<number>;
  readonly multiply: (weight: WeightSpec, x: Float64Array) => Float64Array;
  readonly norm: (x: Float64Array, norm: NormSpec) => Float64Array;
}

const lengthOf = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

/** As long as another one. */
const asLongAs = (x: Float64Array, other: Float64Array) => {
  const factor = lengthOf(other) / lengthOf(x);
  return x.map((value) => value * factor);
};

/** Several residual streams: see StreamsSpec for the formulas. */
export class Streams {
  readonly #spec: StreamsSpec;
  readonly #tools: StreamTools;
  #streams: Float64Array[];

  constructor(spec: StreamsSpec, tools: StreamTools, x: Float64Array) {
    this.#spec = spec;
    this.#tools = tools;
    this.#streams = [x, ...spec.begin.map((weight) => asLongAs(tools.multiply(weight, x), x))];
  }

  /** What the layer reads. */
  predict({ streams: spec }: LayerSpec): Float64Array {
    const old = this.#streams;
    const coefficients = this.#tools.vector(spec!.predict);
    const m = this.#weigh(spec!, old[0]!);
    const of = (b: number, a: number) =>
      m.reduce((sum, value, k) => sum + coefficients[(b * old.length + a) * old.length + k]! * value, 0);
    this.#streams = old.map((stream, b) =>
      stream.map((value, i) => old.reduce((sum, other, a) => sum + of(b, a) * other[i]!, value)),
    );
    return this.#streams[0]!;
  }

  /** Of what the layer made; `letIn` gives what it lets in, of the first stream. */
  correct({ streams: spec }: LayerSpec, y: Float64Array, letIn: (x: Float64Array) => Float64Array): void {
    const before = this.#streams;
    const coefficients = this.#tools.vector(spec!.correct);
    const m = this.#weigh(spec!, y);
    const corrected = before.map((stream, b) => {
      const factor = m.reduce((sum, value, k) => sum + coefficients[b * before.length + k]! * value, 1);
      return stream.map((value, i) => value + (y[i]! - before[0]![i]!) * factor);
    });
    const scale = this.#tools.vector(spec!.scale);
    const added = letIn(corrected[0]!.map((value, i) => value * scale[i]!));
    this.#streams = corrected.map((stream, b) => (b === 0 ? stream : stream.map((value, i) => value + added[i]!)));
  }

  end(): Float64Array {
    const [first, ...others] = this.#streams;
    const ends = others.map((stream, b) => asLongAs(this.#tools.multiply(this.#spec.end[b]!, stream), first!));
    return first!.map((value, i) => ends.reduce((sum, end) => sum + end[i]!, value) / this.#streams.length);
  }

  #weigh({ router, routerNorm }: NonNullable<LayerSpec['streams']>, x: Float64Array): Float64Array {
    const rows = this.#tools.vector(router);
    const normed = this.#tools.norm(x, routerNorm);
    return Float64Array.from(this.#streams, (_, stream) => {
      const sum = normed.reduce((all, value, i) => all + rows[stream * x.length + i]! * value, 0);
      return Math.tanh(sum / x.length);
    });
  }
}

/** x with the branch beside attention, which read `normed`. */
export function withLowRank(
  spec: LowRankSpec,
  x: Float64Array,
  normed: Float64Array,
  tools: StreamTools,
): Float64Array {
  const branch = tools.norm(tools.multiply(spec.up, tools.multiply(spec.down, normed)), spec.norm);
  return x.map((value, i) => (value + branch[i]! + normed[i]!) / Math.SQRT2);
}

/** Gates that lie above mean + cutoff * deviation, by how far. */
export function sparse(gates: Float64Array, cutoff: number): Float64Array {
  const mean = gates.reduce((sum, value) => sum + value, 0) / gates.length;
  const variance = gates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (gates.length - 1);
  return gates.map((value) => Math.max(0, value - mean - cutoff * Math.sqrt(variance)));
}
