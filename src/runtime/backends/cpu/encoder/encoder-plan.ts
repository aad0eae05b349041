import { SottoError } from '../../../../shared/index.ts';
import type { EncoderLayer, EncoderSpec, NormSpec, VectorSpec, WeightSpec } from '../../../architectures/index.ts';
import type { EncoderSteps } from '../../pad-encoder.ts';
import * as fields from '../encoder-fields.ts';
import { PLAN, PLAN_BYTES } from '../plan-fields.ts';

/** A weight's groups of 8 rows, or a vector, and where they lie. */
export interface WeightPlace {
  readonly weight: WeightSpec;
  readonly address: number;
}
export interface VectorPlace {
  readonly vector: VectorSpec;
  readonly address: number;
  /** Values that the kernels read: a bias is filled up with zeros to whole groups. */
  readonly length: number;
}
/** Cosines and signed sines of one rotation, for all positions. */
export interface RotationPlace {
  readonly base: number;
  readonly address: number;
}

type Prepares = typeof fields.PREPARES_NOTHING | typeof fields.PREPARES_COARSE | typeof fields.PREPARES_FINE;
type Step = readonly (readonly [offset: number, value: number, isFloat?: boolean])[];

/** Every address and every step of one loaded encoder, known before anything is allocated. */
export interface EncoderPlan {
  readonly spec: EncoderSpec;
  readonly threads: number;
  /** Most tokens of one text. */
  readonly contextLength: number;
  /** Most tokens of one job. */
  readonly tokens: number;
  /** Values from one token of the stream to the next: those of the model, and zeros up to whole blocks. */
  readonly streamWidth: number;
  readonly weights: readonly WeightPlace[];
  readonly vectors: readonly VectorPlace[];
  readonly rotations: readonly RotationPlace[];
  readonly steps: readonly Step[];
  /** f32 [tokens][streamWidth]: embeddings go in, vectors come out. */
  readonly stream: number;
  readonly positions: number;
  readonly sequences: number;
  readonly records: number;
  readonly scratch: { readonly address: number; readonly stride: number };
  readonly program: number;
  readonly staging: number;
  readonly stagingBytes: number;
  readonly totalBytes: number;
}

const ALIGNMENT = 64;
const MOST_BYTES = 2 ** 32;
const STAGING_BYTES = 1 << 20;

class Allocator {
  #next = PLAN + PLAN_BYTES;

  take(bytes: number): number {
    const address = Math.ceil(this.#next / ALIGNMENT) * ALIGNMENT;
    this.#next = address + bytes;
    return address;
  }

  get end(): number {
    return this.#next;
  }
}

/** What the kernels go through at once. */
export const ENCODER_STEPS: EncoderSteps = { columns: 32, head: 8 };

/** Lays out an encoder whose widths are whole steps (see padEncoder). Throws `wasm-out-of-memory` (more than WASM addresses). */
export function planEncoder(
  spec: EncoderSpec,
  { threads, contextLength, jobTokens }: { threads: number; contextLength: number; jobTokens: number },
): EncoderPlan {
  return new PlanBuilder(spec, Math.max(jobTokens, contextLength), contextLength, threads).build();
}

class PlanBuilder {
  readonly #spec: EncoderSpec;
  readonly #threads: number;
  readonly #contextLength: number;
  readonly #tokens: number;
  readonly #streamWidth: number;
  readonly #memory = new Allocator();
  readonly #weights: WeightPlace[] = [];
  readonly #vectors: VectorPlace[] = [];
  readonly #rotations: RotationPlace[] = [];
  readonly #steps: Step[] = [];

  constructor(spec: EncoderSpec, tokens: number, contextLength: number, threads: number) {
    this.#spec = spec;
    this.#contextLength = contextLength;
    this.#tokens = Math.ceil(tokens / fields.RECORD_TOKENS) * fields.RECORD_TOKENS;
    this.#threads = threads;
    this.#streamWidth = Math.ceil(spec.hiddenSize / ENCODER_STEPS.columns) * ENCODER_STEPS.columns;
  }

  build(): EncoderPlan {
    const { feedForwardSize, heads, keyValueHeads, headSize, layers } = this.#spec;
    const hiddenSize = this.#streamWidth;
    const contextLength = this.#contextLength;
    const memory = this.#memory;
    const qkvWidth = (heads + 2 * keyValueHeads) * headSize;
    const widest = Math.max(hiddenSize, feedForwardSize, heads * headSize);
    const floats = (width: number) => memory.take(this.#tokens * width * 4);
    const buffers = {
      stream: floats(hiddenSize),
      normalised: floats(hiddenSize),
      addend: floats(hiddenSize),
      qkv: floats(qkvWidth),
      attention: floats(heads * headSize),
      inner: floats(feedForwardSize),
    };
    const positions = memory.take(this.#tokens * 4);
    const sequences = memory.take(this.#tokens * 8);
    const recordBytes = (widest / 32) * fields.FINE_RECORD_BYTES + fields.RECORD_TOKENS * 4;
    const records = memory.take((this.#tokens / fields.RECORD_TOKENS) * recordBytes);

    if (this.#spec.embeddingNorm)
      this.#norm(this.#spec.embeddingNorm, buffers.stream, buffers.stream, fields.PREPARES_FINE);
    else if (layers[0]?.attentionNorm === undefined) this.#prepare(buffers.stream, hiddenSize, fields.PREPARES_FINE);
    for (const layer of layers) this.#layer(layer, buffers, qkvWidth);
    if (this.#spec.finalNorm) this.#norm(this.#spec.finalNorm, buffers.stream, buffers.stream, fields.PREPARES_NOTHING);
    this.#steps.push([[fields.STEP_KIND, fields.STEP_END]]);

    const program = memory.take(this.#steps.length * fields.STEP_BYTES);
    const largestRow = Math.max(...this.#weights.map(({ weight }) => (weight.columns / 32) * 34));
    const stagingBytes = Math.max(STAGING_BYTES, 8 * largestRow);
    const staging = memory.take(stagingBytes);
    const padded = Math.ceil(contextLength / 8) * 8;
    // Attention: keys, values, scores and queries; products: sums, and groups of a weight and its gate in 16 bits.
    const forGroups = 384 + 2 * (widest / 32) * fields.FINE_BLOCK_BYTES;
    const stride = Math.ceil(Math.max(forGroups, (headSize + 4) * padded * 4 + headSize * 8) / ALIGNMENT) * ALIGNMENT;
    const scratch = { address: memory.take(this.#threads * stride), stride };
    if (memory.end > MOST_BYTES) {
      const message = `The model needs ${memory.end} bytes; WebAssembly addresses ${MOST_BYTES}.`;
      throw new SottoError('wasm-out-of-memory', message, { details: { bytes: memory.end } });
    }
    return {
      spec: this.#spec,
      threads: this.#threads,
      contextLength,
      tokens: this.#tokens,
      streamWidth: this.#streamWidth,
      weights: this.#weights,
      vectors: this.#vectors,
      rotations: this.#rotations,
      steps: this.#steps,
      stream: buffers.stream,
      positions,
      sequences,
      records,
      scratch,
      program,
      staging,
      stagingBytes,
      totalBytes: memory.end,
    };
  }

  #layer(
    layer: EncoderLayer,
    to: { stream: number; normalised: number; addend: number; qkv: number; attention: number; inner: number },
    qkvWidth: number,
  ): void {
    const { feedForwardSize, heads, keyValueHeads, headSize, trueHeadSize = headSize } = this.#spec;
    const { placement, activation } = this.#spec;
    const activations = { gelu: fields.ACTIVATION_GELU, silu: fields.ACTIVATION_SILU } as const;
    const onStream = placement === 'on-stream';
    // Records of the stream stand where the step before left them, unless a norm of this layer's own makes them.
    if (layer.attentionNorm) this.#norm(layer.attentionNorm, to.stream, to.normalised, fields.PREPARES_FINE);
    this.#multiplySideBySide([layer.query, layer.key, layer.value], to.qkv, qkvWidth);
    this.#rotate(layer, to.qkv, qkvWidth);
    this.#steps.push([
      [fields.STEP_KIND, fields.STEP_ATTEND],
      [fields.ATTEND_QKV, to.qkv],
      [fields.ATTEND_WIDTH, qkvWidth],
      [fields.ATTEND_OUT, to.attention],
      [fields.ATTEND_HEADS, heads],
      [fields.ATTEND_KEY_HEADS, keyValueHeads],
      [fields.ATTEND_HEAD_SIZE, headSize],
      [fields.ATTEND_SCALE, 1 / Math.sqrt(trueHeadSize), true],
      [fields.ATTEND_REACH, layer.reach ?? 0],
    ]);
    this.#prepare(to.attention, heads * headSize, fields.PREPARES_COARSE);
    this.#addBack(layer.attentionOutput, layer.attentionOutputNorm, to, onStream, fields.PREPARES_COARSE);
    if (layer.feedForwardNorm) this.#norm(layer.feedForwardNorm, to.stream, to.normalised, fields.PREPARES_COARSE);
    this.#multiply(layer.up, to.inner, feedForwardSize, { gate: layer.gate, activation: activations[activation] });
    const centre = layer.gate ? fields.CENTRE_EVEN : fields.CENTRE_LOW;
    this.#prepare(to.inner, feedForwardSize, fields.PREPARES_COARSE, centre);
    this.#addBack(layer.down, layer.feedForwardOutputNorm, to, onStream, fields.PREPARES_FINE, centre);
  }

  /** stream += product, with the layer's output norm where it belongs. */
  #addBack(
    weight: WeightSpec,
    norm: NormSpec | undefined,
    to: { stream: number; addend: number },
    onStream: boolean,
    prepares: Prepares,
    centre: number = fields.CENTRE_EVEN,
  ): void {
    if (norm && !onStream) {
      this.#multiply(weight, to.addend, this.#streamWidth, { centre });
      this.#norm(norm, to.addend, to.stream, fields.PREPARES_NOTHING, true);
      return;
    }
    this.#multiply(weight, to.stream, this.#streamWidth, { adds: true, centre });
    if (norm) this.#norm(norm, to.stream, to.stream, prepares);
  }

  #norm(norm: NormSpec, x: number, out: number, prepares: Prepares, adds = false): void {
    this.#steps.push([
      [fields.STEP_KIND, fields.STEP_NORM],
      [fields.ROWS_X, x],
      [fields.ROWS_OUT, out],
      [fields.ROWS_WEIGHT, norm.weight ? this.#vector(norm.weight) : 0],
      [fields.ROWS_BIAS, norm.bias ? this.#vector(norm.bias) : 0],
      [fields.ROWS_WIDTH, this.#streamWidth],
      [fields.ROWS_SIZE, this.#spec.hiddenSize],
      [fields.ROWS_EPSILON, this.#spec.norm.epsilon, true],
      [fields.ROWS_CENTRES, this.#spec.norm.kind === 'layer' ? 1 : 0],
      [fields.ROWS_PREPARES, prepares],
      [fields.ROWS_CENTRE, fields.CENTRE_EVEN],
      [fields.ROWS_ADDS, adds ? 1 : 0],
    ]);
  }

  #prepare(x: number, width: number, prepares: Prepares, centre: number = fields.CENTRE_EVEN): void {
    this.#steps.push([
      [fields.STEP_KIND, fields.STEP_PREPARE],
      [fields.ROWS_X, x],
      [fields.ROWS_WIDTH, width],
      [fields.ROWS_PREPARES, prepares],
      [fields.ROWS_CENTRE, centre],
    ]);
  }

  #rotate({ queryNorm, keyNorm, ropeBase }: EncoderLayer, qkv: number, width: number): void {
    if (!queryNorm && !keyNorm && ropeBase === undefined) return;
    const { heads, keyValueHeads, headSize, trueHeadSize = headSize, norm } = this.#spec;
    this.#steps.push([
      [fields.STEP_KIND, fields.STEP_ROTATE],
      [fields.ROTATE_QKV, qkv],
      [fields.ROTATE_WIDTH, width],
      [fields.ROTATE_HEADS, heads],
      [fields.ROTATE_KEY_HEADS, keyValueHeads],
      [fields.ROTATE_HEAD_SIZE, headSize],
      [fields.ROTATE_QUERY_NORM, queryNorm ? this.#vector(queryNorm) : 0],
      [fields.ROTATE_KEY_NORM, keyNorm ? this.#vector(keyNorm) : 0],
      [fields.ROTATE_EPSILON, norm.epsilon, true],
      [fields.ROTATE_TABLE, ropeBase === undefined ? 0 : this.#rotation(ropeBase)],
      [fields.ROTATE_DIMENSIONS, trueHeadSize],
    ]);
  }

  #multiply(
    weight: WeightSpec,
    out: number,
    width: number,
    {
      gate,
      activation = fields.ACTIVATION_NONE,
      adds = false,
      centre = fields.CENTRE_EVEN,
    }: { gate?: WeightSpec | undefined; activation?: number; adds?: boolean; centre?: number } = {},
  ): void {
    this.#steps.push([
      [fields.STEP_KIND, fields.STEP_MULTIPLY],
      [fields.MULTIPLY_DATA, this.#weight(weight)],
      [fields.MULTIPLY_GATE, gate ? this.#weight(gate) : 0],
      [fields.MULTIPLY_GROUPS, Math.ceil(weight.rows / 8)],
      [fields.MULTIPLY_BLOCKS, weight.columns / 32],
      [fields.MULTIPLY_OUT, out],
      [fields.MULTIPLY_WIDTH, width],
      [fields.MULTIPLY_BIAS, weight.bias ? this.#vector(weight.bias) : 0],
      [fields.MULTIPLY_GATE_BIAS, gate?.bias ? this.#vector(gate.bias) : 0],
      [fields.MULTIPLY_ACTIVATION, activation],
      [fields.MULTIPLY_ADDS, adds ? 1 : 0],
      [fields.MULTIPLY_CENTRE, centre],
    ]);
  }

  /**
   * Several products of the same records in one step, their results beside each other. Allocated one after the other, their
   * groups make one weight: both sizes are whole multiples of the alignment.
   */
  #multiplySideBySide(weights: readonly WeightSpec[], out: number, width: number): void {
    const first = weights[0];
    if (first === undefined) return;
    const addresses = weights.map((weight) => this.#weight(weight));
    const biases = weights.some(({ bias }) => bias !== undefined) ? this.#memory.take(width * 4) : 0;
    let row = 0;
    for (const { bias, rows } of weights) {
      if (bias) this.#vectors.push({ vector: bias, length: rows, address: biases + row * 4 });
      row += rows;
    }
    this.#steps.push([
      [fields.STEP_KIND, fields.STEP_MULTIPLY],
      [fields.MULTIPLY_DATA, addresses[0] ?? 0],
      [fields.MULTIPLY_GROUPS, row / 8],
      [fields.MULTIPLY_BLOCKS, first.columns / 32],
      [fields.MULTIPLY_OUT, out],
      [fields.MULTIPLY_WIDTH, width],
      [fields.MULTIPLY_BIAS, biases],
      [fields.MULTIPLY_FINE, 1],
    ]);
  }

  #weight(weight: WeightSpec): number {
    const bytes = Math.ceil(weight.rows / 8) * (weight.columns / 32) * fields.WEIGHT_BYTES;
    const place = { weight, address: this.#memory.take(bytes) };
    this.#weights.push(place);
    return place.address;
  }

  #vector(vector: VectorSpec): number {
    // As far as kernels read: rows of the stream, groups of a matrix.
    const length = Math.ceil(vector.size / 32) * 32;
    const place = { vector, length, address: this.#memory.take(length * 4) };
    this.#vectors.push(place);
    return place.address;
  }

  #rotation(base: number): number {
    const known = this.#rotations.find((rotation) => rotation.base === base);
    if (known) return known.address;
    const place = {
      base,
      address: this.#memory.take(this.#contextLength * (this.#spec.trueHeadSize ?? this.#spec.headSize) * 8),
    };
    this.#rotations.push(place);
    return place.address;
  }
}

/** Writes the program and its header where the kernels read them. */
export function writeEncoderPlan(plan: EncoderPlan, buffer: ArrayBufferLike): void {
  const view = new DataView(buffer);
  for (const [index, step] of plan.steps.entries()) {
    const address = plan.program + index * fields.STEP_BYTES;
    for (const [offset, value, isFloat = false] of step) {
      if (isFloat) view.setFloat32(address + offset, value, true);
      else view.setUint32(address + offset, value, true);
    }
  }
}
