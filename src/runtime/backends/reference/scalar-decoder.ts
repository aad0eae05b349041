import type { GgufFile } from '../../../formats/gguf/types.ts';
import {
  type AttentionSpec,
  type ConvolutionSpec,
  type DecoderSpec,
  type ExpertsSpec,
  type FeedForwardSpec,
  type HeadNormSpec,
  type LayerInputSpec,
  type LayerInputsSpec,
  type LayerSpec,
  type NormSpec,
  type RecurrentSpec,
  type RopeSpec,
  ropeFactorsOf,
  type VectorSpec,
  type WeightSpec,
} from '../../architectures/index.ts';
import { dequantise } from '../blocks/index.ts';
import { activate, activateTimes, attention, layerNorm, matrixVector, rmsNorm, rope, softCap } from './operations.ts';
import { RecurrentState } from './recurrent-state.ts';
import { ropeAngles } from './rope-angles.ts';
import { Streams, type StreamTools, sparse, withLowRank } from './streams.ts';

/**
 * Any decoder a spec can describe, out of the reference operations, in double precision and exact weights: what the
 * engines' logits are held against. It shares no code with them.
 */
export class ScalarDecoder {
  readonly #spec: DecoderSpec;
  readonly #contextLength: number;
  readonly #tensors: ReadonlyMap<string, Float32Array>;
  /** By layer and KV head, one position after the other. */
  readonly #keys: number[][][];
  readonly #values: number[][][];
  /** What convolutions have read, by layer. */
  readonly #past: Float64Array[][];
  readonly #states = new Map<RecurrentSpec, RecurrentState>();
  readonly #tools: StreamTools = {
    vector: (of) => this.#vector(of),
    multiply: (weight, x) => this.#multiply(weight, x),
    norm: (x, norm) => this.#norm(x, norm),
  };
  #position = 0;

  /** `contextLength`: positions the engine beside it has a cache for; longrope depends on it. */
  constructor(spec: DecoderSpec, gguf: GgufFile, bytes: Uint8Array, contextLength = spec.contextLength) {
    this.#spec = spec;
    this.#contextLength = contextLength;
    this.#tensors = new Map(
      [...gguf.tensors.values()].map(({ name, type, offset, byteLength }) => [
        name,
        dequantise(type, bytes.subarray(offset, offset + byteLength)),
      ]),
    );
    const empty = () =>
      spec.layers.map(({ attention }) =>
        Array.from({ length: attention.kind === 'attention' ? attention.keyValueHeads : 0 }, (): number[] => []),
      );
    this.#past = spec.layers.map(() => []);
    this.#keys = empty();
    this.#values = empty();
  }

  /** Logits `[vocabulary]` after one more token. */
  step(token: number): Float64Array {
    const spec = this.#spec;
    const position = this.#position++;
    let hidden: Float64Array = this.#row(spec.embedding, token).map((value) => value * spec.embeddingScale);
    const inputs = spec.layerInputs && this.#layerInputs(spec.layerInputs, token, hidden);
    if (spec.positionEmbedding !== undefined) hidden = sum(hidden, this.#row(spec.positionEmbedding, position));
    const streams = spec.streams && new Streams(spec.streams, this.#tools, hidden);
    for (const [index, layer] of spec.layers.entries()) {
      if (streams !== undefined) hidden = streams.predict(layer);
      const inner0 = this.#norm(hidden, layer.attentionNorm);
      let attended = this.#norm(this.#mix(index, position, inner0), layer.attentionPostNorm);
      if (layer.besideAttention !== undefined) attended = sum(attended, this.#recur(layer.besideAttention, inner0));
      let middle = sum(hidden, attended, spec.residualScale);
      if (layer.lowRank !== undefined) middle = withLowRank(layer.lowRank, middle, inner0, this.#tools);
      hidden = this.#feed(layer, spec.isParallel ? hidden : middle, middle);
      const letIn = (x: Float64Array) => this.#letIn(layer.layerInput!, x, inputs![index]!);
      if (streams !== undefined) streams.correct(layer, hidden, letIn);
      else if (layer.layerInput !== undefined) hidden = sum(hidden, letIn(hidden));
      if (layer.outputScale !== undefined) {
        const scale = this.#vector(layer.outputScale)[0]!;
        hidden = hidden.map((value) => value * scale);
      }
    }
    if (streams !== undefined) hidden = streams.end();
    const logits = this.#multiply(spec.output, this.#norm(hidden, spec.finalNorm));
    return logits.map((value) => softCap(value * spec.logitScale, spec.logitSoftCap));
  }

  /** The feed-forward block of what it reads, added to the residual stream. */
  #feed({ feedForward, feedForwardNorm, feedForwardPostNorm }: LayerSpec, read: Float64Array, x: Float64Array) {
    if (feedForward === undefined) return x;
    const inner = this.#norm(read, feedForwardNorm);
    const fed =
      feedForward.kind === 'dense' ? this.#feedForward(feedForward, inner) : this.#experts(feedForward, inner, read);
    return sum(x, this.#norm(fed, feedForwardPostNorm), this.#spec.residualScale);
  }

  #mix(index: number, position: number, x: Float64Array): Float64Array {
    const { attention } = this.#spec.layers[index]!;
    if (attention.kind === 'attention') return this.#attend(attention, index, position, x);
    if (attention.kind === 'recurrent') return this.#recur(attention, x);
    return this.#convolve(attention, this.#past[index]!, x);
  }

  /** By layer. `x` is the scaled embedding of the token. */
  #layerInputs({ size, table, projection, norm }: LayerInputsSpec, token: number, x: Float64Array): Float64Array[] {
    const row = this.#row(table, token).map((value) => value * Math.sqrt(size));
    const projected = this.#multiply(projection, x).map((value) => value / Math.sqrt(x.length));
    return this.#spec.layers.map((_, layer) => {
      const part = (of: Float64Array) => of.subarray(layer * size, (layer + 1) * size);
      return sum(this.#norm(part(projected), norm), part(row)).map((value) => value / Math.SQRT2);
    });
  }

  #letIn({ activation, gate, output, norm }: LayerInputSpec, x: Float64Array, input: Float64Array): Float64Array {
    const gated = this.#multiply(gate, x).map((value, i) => activate(activation, value) * input[i]!);
    return this.#norm(this.#multiply(output, gated), norm);
  }

  #recur(spec: RecurrentSpec, x: Float64Array): Float64Array {
    const vectors = {
      vector: (of: VectorSpec) => this.#vector(of),
      multiply: (weight: WeightSpec, of: Float64Array) => this.#multiply(weight, of),
      epsilon: this.#spec.norm.epsilon,
    };
    const state = this.#states.get(spec) ?? new RecurrentState(spec, vectors);
    this.#states.set(spec, state);
    const mixed = state.step({
      channels: this.#multiply(spec.channels, x),
      gate: this.#multiply(spec.gate, x),
      steps: spec.steps && this.#multiply(spec.steps, x),
      strengths: spec.strengths && this.#multiply(spec.strengths, x),
    });
    return this.#multiply(spec.output, mixed);
  }

  #convolve(spec: ConvolutionSpec, past: Float64Array[], x: Float64Array): Float64Array {
    const projected = this.#multiply(spec.input, x);
    const width = x.length;
    const [b, c, values] = [0, 1, 2].map((part) => projected.subarray(part * width, (part + 1) * width));
    past.push(b!.map((value, i) => value * values![i]!));
    const taps = this.#vector(spec.taps);
    const y = c!.map((value, channel) => {
      let sum = 0;
      for (let back = 0; back < Math.min(spec.length, past.length); back++) {
        sum += taps[channel * spec.length + spec.length - 1 - back]! * past.at(-1 - back)![channel]!;
      }
      return value * sum;
    });
    return this.#multiply(spec.output, y);
  }

  /** `x` is normed, `residual` is not. */
  #experts(spec: ExpertsSpec, x: Float64Array, residual: Float64Array): Float64Array {
    const { gating, isNormalised, scale, norms } = spec;
    const root = Math.sqrt(x.length);
    const routing = norms === undefined ? x : this.#norm(residual, norms.router).map((value) => value / root);
    const read = norms === undefined ? x : this.#norm(residual, norms.before);
    const routed = this.#multiply(spec.router, routing);
    const scales = spec.scales && this.#vector(spec.scales);
    const greatest = Math.max(...routed);
    const total = routed.reduce((sum, value) => sum + Math.exp(value - greatest), 0);
    const probabilities = routed.map((value) =>
      gating === 'softmax' ? Math.exp(value - greatest) / total : 1 / (1 + Math.exp(-value)),
    );
    const bias = spec.selectionBias && this.#vector(spec.selectionBias);
    const chosen = chooseExperts(
      probabilities.map((value, expert) => value + (bias?.[expert] ?? 0)),
      spec,
    );
    const sum = isNormalised ? chosen.reduce((all, expert) => all + probabilities[expert]!, 0) : 1;
    let result: Float64Array = new Float64Array(x.length);
    for (const expert of chosen) {
      const output = this.#feedForward(spec.experts[expert]!, read);
      const weight = (scale * (scales?.[expert] ?? 1) * probabilities[expert]!) / sum;
      result = result.map((value, i) => value + output[i]! * weight);
    }
    result = this.#norm(result, norms?.after);
    if (spec.shared === undefined) return result;
    const gate = spec.sharedGate && this.#vector(spec.sharedGate);
    const logit = gate?.reduce((all, value, i) => all + value * x[i]!, 0);
    const weight = logit === undefined ? 1 : 1 / (1 + Math.exp(-logit));
    const output = this.#norm(this.#feedForward(spec.shared, x), norms?.afterShared);
    return result.map((value, i) => value + weight * output[i]!);
  }

  #attend(spec: AttentionSpec, index: number, position: number, x: Float64Array): Float64Array {
    const { heads, keyValueHeads, headSize, scale, window } = spec;
    const keys = this.#keys[spec.sharesCacheOf ?? index]!;
    const values = this.#values[spec.sharesCacheOf ?? index]!;
    const query = this.#place(this.#multiply(spec.query, x), spec, spec.queryNorm, position);
    if (spec.sharesCacheOf === undefined) {
      const newKey = this.#place(this.#multiply(spec.key, x), spec, spec.keyNorm, position);
      const newValue = this.#multiply(spec.value, x);
      for (let h = 0; h < keyValueHeads; h++) {
        const own = newValue.subarray(h * headSize, (h + 1) * headSize);
        keys[h]!.push(...newKey.subarray(h * headSize, (h + 1) * headSize));
        values[h]!.push(...(spec.isValueNormed ? this.#normalise(own, undefined) : own));
      }
    }
    const first = window === undefined ? 0 : Math.max(0, position + 1 - window);
    const result = new Float64Array(heads * headSize);
    for (let head = 0; head < heads; head++) {
      const shared = Math.floor(head / (heads / keyValueHeads));
      const seen = (rows: readonly number[]) => rows.slice(first * headSize);
      const own = query.subarray(head * headSize, (head + 1) * headSize);
      const [k, v] = [seen(keys[shared]!), seen(values[shared]!)];
      const sink = spec.sinks && this.#vector(spec.sinks)[head];
      result.set(attention(own, k, v, position + 1 - first, scale, spec.softCap, sink), head * headSize);
    }
    const gate = spec.outputGate && this.#multiply(spec.outputGate, x);
    const gated = gate === undefined ? result : result.map((value, i) => value / (1 + Math.exp(-gate[i]!)));
    return this.#multiply(spec.output, this.#norm(gated, spec.innerNorm));
  }

  /** Norm and rotation of queries or keys. */
  #place(x: Float64Array, spec: AttentionSpec, norm: HeadNormSpec | undefined, position: number): Float64Array {
    const normed = (of: Float64Array) => (norm === undefined ? of : this.#headNorm(of, norm, spec.headSize));
    const turned = (of: Float64Array) => (spec.rope === undefined ? of : this.#turn(of, spec.rope, spec, position));
    return norm?.isAfterRope ? normed(turned(x)) : turned(normed(x));
  }

  #headNorm(x: Float64Array, { weight, over }: HeadNormSpec, headSize: number): Float64Array {
    if (over === 'row') return this.#norm(x, { weight, bias: undefined });
    const values = this.#vector(weight);
    const result = new Float64Array(x.length);
    for (let start = 0; start < x.length; start += headSize) {
      const own = values.length === headSize ? values : values.subarray(start, start + headSize);
      result.set(this.#normalise(x.subarray(start, start + headSize), own), start);
    }
    return result;
  }

  #turn(x: Float64Array, spec: RopeSpec, { headSize }: AttentionSpec, position: number): Float64Array {
    const factors = ropeFactorsOf(spec, this.#contextLength);
    const angles = ropeAngles(spec, factors && this.#vector(factors), position);
    const result = new Float64Array(x.length);
    for (let start = 0; start < x.length; start += headSize) {
      result.set(rope(x.subarray(start, start + headSize), angles, spec.kind, spec.magnitude), start);
    }
    return result;
  }

  #feedForward(spec: FeedForwardSpec, x: Float64Array): Float64Array {
    const { gate, up, down, activation, cutoff, innerNorm } = spec;
    const lifted = this.#multiply(up, x);
    const gates = gate && this.#multiply(gate, x);
    const cut = cutoff === undefined ? gates : gates && sparse(gates, cutoff);
    const gated =
      cut === undefined
        ? lifted.map((value) => activate(activation, value))
        : cut.map((value, i) => activateTimes(activation, value, lifted[i]!));
    return this.#multiply(down, this.#norm(gated, innerNorm));
  }

  #norm(x: Float64Array, norm: NormSpec | undefined): Float64Array {
    if (norm === undefined) return x;
    const normed = this.#normalise(x, norm.weight && this.#vector(norm.weight));
    return norm.bias === undefined ? normed : sum(normed, this.#vector(norm.bias));
  }

  #normalise(x: Float64Array, weight: ArrayLike<number> | undefined): Float64Array {
    const { kind, epsilon } = this.#spec.norm;
    const weights = weight ?? new Float64Array(x.length).fill(1);
    return kind === 'rms' ? rmsNorm(x, weights, epsilon) : layerNorm(x, weights, epsilon);
  }

  #multiply({ name, rows, columns, firstRow, stripes, bias }: WeightSpec, x: Float64Array): Float64Array {
    const run = stripes?.rows ?? rows;
    const product = new Float64Array(rows);
    for (let row = 0; row < rows; row += run) {
      const first = firstRow + (row / run) * (stripes?.every ?? rows);
      const values = this.#tensors.get(name)!.subarray(first * columns, (first + run) * columns);
      product.set(matrixVector(values, x, run), row);
    }
    return bias === undefined ? product : sum(product, this.#vector(bias));
  }

  #row({ name, columns }: WeightSpec, row: number): Float64Array {
    return Float64Array.from(this.#tensors.get(name)!.subarray(row * columns, (row + 1) * columns));
  }

  #vector({ name, first, size }: VectorSpec): Float32Array {
    return this.#tensors.get(name)!.subarray(first, first + size);
  }
}

/** The best by their scores, in the best groups of them. */
function chooseExperts(scores: Float64Array, { used, groups }: ExpertsSpec): number[] {
  const best = (of: readonly number[], scoreOf: (index: number) => number) =>
    of.toSorted((a, b) => scoreOf(b) - scoreOf(a));
  const experts = [...scores.keys()];
  const inOrder = best(experts, (expert) => scores[expert]!);
  if (groups === undefined) return inOrder.slice(0, used);
  const groupOf = (expert: number) => Math.floor((expert * groups.count) / scores.length);
  const twoBest = (group: number) =>
    inOrder
      .filter((expert) => groupOf(expert) === group)
      .slice(0, 2)
      .reduce((all, expert) => all + scores[expert]!, 0);
  const seen = new Set(best([...Array(groups.count).keys()], twoBest).slice(0, groups.used));
  return inOrder.filter((expert) => seen.has(groupOf(expert))).slice(0, used);
}

/** a + scale * b */
function sum(a: Float64Array, b: ArrayLike<number>, scale = 1): Float64Array {
  return a.map((value, i) => value + scale * b[i]!);
}
