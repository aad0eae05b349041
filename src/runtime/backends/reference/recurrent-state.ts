import type { NormSpec, RecurrentSpec, SelectionSpec, VectorSpec, WeightSpec } from '../../architectures/index.ts';
import { matrixVector, rmsNorm } from './operations.ts';

interface Surroundings {
  readonly vector: (of: VectorSpec) => Float32Array;
  readonly multiply: (weight: WeightSpec, x: Float64Array) => Float64Array;
  readonly epsilon: number;
}

/** What the projections of one token give. */
interface Projected {
  readonly channels: Float64Array;
  readonly gate: Float64Array;
  readonly steps: Float64Array | undefined;
  readonly strengths: Float64Array | undefined;
}

const silu = (x: number) => x / (1 + Math.exp(-x));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0);

/** One layer's state in double precision; the formulas stand at `RecurrentSpec`. */
export class RecurrentState {
  readonly #spec: RecurrentSpec;
  readonly #around: Surroundings;
  readonly #past: Float64Array[] = [];
  /** `[head][value][state]` */
  readonly #state: Float64Array;

  constructor(spec: RecurrentSpec, around: Surroundings) {
    this.#spec = spec;
    this.#around = around;
    this.#state = new Float64Array(spec.heads * spec.headSize * spec.stateSize);
  }

  /** What goes into the output projection. */
  step({ channels, gate, steps, strengths }: Projected): Float64Array {
    const { heads, headSize, rule, selection } = this.#spec;
    const convolved = this.#convolve(channels);
    if (selection !== undefined) {
      return this.#scanSelectively(selection, convolved).map((value, i) => value * silu(gate[i]!));
    }
    const result = new Float64Array(heads * headSize);
    for (let head = 0; head < heads; head++) {
      const own =
        rule === 'scan'
          ? this.#scan(head, convolved, this.#stepOf(head, steps!))
          : this.#delta(head, convolved, this.#stepOf(head, steps!), sigmoid(strengths![head]!));
      result.set(own, head * headSize);
    }
    if (rule === 'delta') return this.#norm(result).map((value, i) => value * silu(gate[i]!));
    return this.#norm(result.map((value, i) => value * silu(gate[i]!)));
  }

  #stepOf(head: number, steps: Float64Array): number {
    return softplus(steps[head]! + this.#around.vector(this.#spec.stepBias)[head]!);
  }

  #convolve(channels: Float64Array): Float64Array {
    const { length, taps, bias } = this.#spec.convolution;
    this.#past.push(channels);
    const weights = this.#around.vector(taps);
    const biases = bias && this.#around.vector(bias);
    return channels.map((_, channel) => {
      let sum = biases?.[channel] ?? 0;
      for (let back = 0; back < Math.min(length, this.#past.length); back++) {
        sum += weights[channel * length + length - 1 - back]! * this.#past.at(-1 - back)![channel]!;
      }
      return silu(sum);
    });
  }

  #stateOf(head: number): Float64Array {
    const size = this.#spec.headSize * this.#spec.stateSize;
    return this.#state.subarray(head * size, (head + 1) * size);
  }

  #scan(head: number, channels: Float64Array, step: number): Float64Array {
    const { heads, headSize, stateSize, groups, decay, skip } = this.#spec;
    const inner = heads * headSize;
    const group = Math.floor(head / (heads / groups));
    const u = channels.subarray(head * headSize, (head + 1) * headSize);
    const b = channels.subarray(inner + group * stateSize);
    const c = channels.subarray(inner + (groups + group) * stateSize);
    const kept = Math.exp(step * this.#around.vector(decay)[head]!);
    const skipped = this.#around.vector(skip!)[head]!;
    const state = this.#stateOf(head);
    return u.map((value, p) => {
      let sum = skipped * value;
      for (let n = 0; n < stateSize; n++) {
        const at = p * stateSize + n;
        state[at] = state[at]! * kept + step * value * b[n]!;
        sum += state[at]! * c[n]!;
      }
      return sum;
    });
  }

  #scanSelectively({ parameters, rank, steps, norms }: SelectionSpec, u: Float64Array): Float64Array {
    const { stateSize, stepBias, decay, skip } = this.#spec;
    const read = this.#around.multiply(parameters, u);
    const part = (from: number, size: number, norm: NormSpec | undefined) => {
      const own = read.subarray(from, from + size);
      if (norm === undefined) return own;
      const weight = norm.weight && this.#around.vector(norm.weight);
      return rmsNorm(own, weight ?? new Float64Array(size).fill(1), this.#around.epsilon);
    };
    const b = part(rank, stateSize, norms?.b);
    const c = part(rank + stateSize, stateSize, norms?.c);
    const lifted = matrixVector(this.#around.vector(steps), part(0, rank, norms?.t), u.length);
    const [biases, decays, skips] = [stepBias, decay, skip!].map((of) => this.#around.vector(of));
    return u.map((value, channel) => {
      const step = softplus(lifted[channel]! + biases![channel]!);
      let sum = skips![channel]! * value;
      for (let n = 0; n < stateSize; n++) {
        const at = channel * stateSize + n;
        this.#state[at] = this.#state[at]! * Math.exp(step * decays![at]!) + step * value * b[n]!;
        sum += this.#state[at]! * c[n]!;
      }
      return sum;
    });
  }

  #delta(head: number, channels: Float64Array, step: number, strength: number): Float64Array {
    const { headSize, stateSize, groups, decay } = this.#spec;
    const group = head % groups;
    const unit = (of: Float64Array) => {
      const length = Math.sqrt(of.reduce((sum, value) => sum + value * value, 0) + this.#around.epsilon);
      return of.map((value) => value / length);
    };
    const q = unit(channels.subarray(group * stateSize, (group + 1) * stateSize));
    const k = unit(channels.subarray((groups + group) * stateSize, (groups + group + 1) * stateSize));
    const v = channels.subarray(
      2 * groups * stateSize + head * headSize,
      2 * groups * stateSize + (head + 1) * headSize,
    );
    const kept = Math.exp(step * this.#around.vector(decay)[head]!);
    const state = this.#stateOf(head);
    return v.map((value, p) => {
      const row = state.subarray(p * stateSize, (p + 1) * stateSize);
      let remembered = 0;
      for (let n = 0; n < stateSize; n++) {
        row[n] = row[n]! * kept;
        remembered += row[n]! * k[n]!;
      }
      let sum = 0;
      for (let n = 0; n < stateSize; n++) {
        row[n] = row[n]! + strength * (value - remembered) * k[n]!;
        sum += row[n]! * q[n]!;
      }
      return sum / Math.sqrt(stateSize);
    });
  }

  #norm(x: Float64Array): Float64Array {
    const { rule, norm, heads, groups } = this.#spec;
    if (norm === undefined) return x;
    const weights = this.#around.vector(norm);
    const width = x.length / (rule === 'scan' ? groups : heads);
    const result = new Float64Array(x.length);
    for (let first = 0; first < x.length; first += width) {
      const own = weights.length === x.length ? weights.subarray(first, first + width) : weights;
      result.set(rmsNorm(x.subarray(first, first + width), own, this.#around.epsilon), first);
    }
    return result;
  }
}
