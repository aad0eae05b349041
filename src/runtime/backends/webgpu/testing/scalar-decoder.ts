import type { GgufFile } from '../../../../formats/gguf/index.ts';
import type { DecoderSpec, VectorSpec, WeightSpec } from '../../../architectures/index.ts';
import { attention, dequantise, matrixVector, rmsNorm, rope, silu } from '../../reference/index.ts';

/**
 * The whole decoder out of the reference operations, in double precision and exact weights: what the GPU's logits are
 * held against. It shares no code with the engine.
 */
export class ScalarDecoder {
  readonly #spec: DecoderSpec;
  readonly #tensors: ReadonlyMap<string, Float32Array>;
  readonly #keys: Float64Array[][];
  readonly #values: Float64Array[][];

  constructor(spec: DecoderSpec, gguf: GgufFile, bytes: Uint8Array) {
    this.#spec = spec;
    this.#tensors = new Map(
      [...gguf.tensors.values()].map(({ name, type, offset, byteLength }) => [
        name,
        dequantise(type, bytes.subarray(offset, offset + byteLength)),
      ]),
    );
    this.#keys = spec.layers.map(() => []);
    this.#values = spec.layers.map(() => []);
  }

  /** Logits `[vocabulary]` after one more token. */
  step(token: number): Float64Array {
    const spec = this.#spec;
    const row = this.#tensors
      .get(spec.embedding.name)!
      .subarray(token * spec.hiddenSize, (token + 1) * spec.hiddenSize);
    let hidden = Float64Array.from(row, (value) => value * spec.embeddingScale);
    const add = (what: Float64Array) => {
      hidden = hidden.map((value, i) => value + spec.residualScale * what[i]!);
    };
    for (const [index, layer] of spec.layers.entries()) {
      add(this.#multiply(layer.attentionOutput, this.#attend(index, this.#norm(hidden, layer.attentionNorm))));
      const inner = this.#norm(hidden, layer.feedForwardNorm);
      const up = this.#multiply(layer.up, inner);
      const gated = this.#multiply(layer.gate, inner).map((value, i) => silu(value) * up[i]!);
      add(this.#multiply(layer.down, gated));
    }
    return this.#multiply(spec.output, this.#norm(hidden, spec.finalNorm)).map((value) => value * spec.logitScale);
  }

  #attend(index: number, normed: Float64Array): Float64Array {
    const { heads, keyValueHeads, headSize, scale } = this.#spec.attention;
    const layer = this.#spec.layers[index]!;
    const keys = this.#keys[index]!;
    const values = this.#values[index]!;
    const position = keys.length;
    const query = this.#rotate(this.#multiply(layer.query, normed), position);
    keys.push(this.#rotate(this.#multiply(layer.key, normed), position));
    values.push(this.#multiply(layer.value, normed));
    const result = new Float64Array(heads * headSize);
    for (let head = 0; head < heads; head++) {
      const start = Math.floor(head / (heads / keyValueHeads)) * headSize;
      const ofHead = (rows: readonly Float64Array[]) =>
        rows.flatMap((row) => [...row.subarray(start, start + headSize)]);
      const own = query.subarray(head * headSize, (head + 1) * headSize);
      result.set(attention(own, ofHead(keys), ofHead(values), keys.length, scale), head * headSize);
    }
    return result;
  }

  #rotate(vector: Float64Array, position: number): Float64Array {
    const { kind, dimensions, base, positionScale, factors } = this.#spec.rope;
    const { headSize } = this.#spec.attention;
    const by = factors === undefined ? undefined : this.#tensors.get(factors.name)!;
    const angles = Float64Array.from(
      { length: dimensions / 2 },
      (_, pair) => ((position / positionScale) * base ** ((-2 * pair) / dimensions)) / (by?.[pair] ?? 1),
    );
    const result = new Float64Array(vector.length);
    for (let start = 0; start < vector.length; start += headSize) {
      result.set(rope(vector.subarray(start, start + headSize), angles, kind), start);
    }
    return result;
  }

  #norm(vector: Float64Array, { name }: VectorSpec): Float64Array {
    return rmsNorm(vector, this.#tensors.get(name)!, this.#spec.norm.epsilon);
  }

  #multiply({ name, rows }: WeightSpec, vector: Float64Array): Float64Array {
    return matrixVector(this.#tensors.get(name)!, vector, rows);
  }
}
