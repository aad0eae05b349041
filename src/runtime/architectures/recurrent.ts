import type { RecurrentSpec, WeightSpec } from './decoder-spec.ts';
import type { ModelReader } from './model-reader.ts';

const MOST_INNER = 65536;
const MOST_STATE = 512;

export interface RecurrentPlace {
  readonly reader: ModelReader;
  /** Full name of a part of the layer. */
  readonly name: (part: string) => string;
  readonly hiddenSize: number;
}

function sizesOf(reader: ModelReader) {
  const inner = reader.integer('ssm.inner_size', 32, MOST_INNER);
  const heads = reader.integer('ssm.time_step_rank', 1, 1024);
  const stateSize = reader.integer('ssm.state_size', 4, MOST_STATE);
  const groups = reader.integer('ssm.group_count', 1, heads);
  const headSize = inner / heads;
  if (headSize % 4 !== 0 || stateSize % 4 !== 0 || heads % groups !== 0) {
    throw reader.refusal(`state heads of ${headSize} × ${stateSize} values in ${groups} groups of ${heads} heads`);
  }
  return { inner, heads, headSize, stateSize, groups, length: reader.integer('ssm.conv_kernel', 2, 8) };
}

/** A Mamba-2 block. Its input projection holds gate, channels and steps, one after the other. */
export function mamba2Of({ reader, name, hiddenSize }: RecurrentPlace): RecurrentSpec {
  const { inner, heads, headSize, stateSize, groups, length } = sizesOf(reader);
  const channelCount = inner + 2 * groups * stateSize;
  const fused = reader.fusedWeights(name('ssm_in'), [inner, channelCount, heads], hiddenSize);
  const [gate, channels, steps] = fused as [WeightSpec, WeightSpec, WeightSpec];
  return {
    kind: 'recurrent',
    rule: 'scan',
    heads,
    headSize,
    stateSize,
    groups,
    channels,
    gate,
    steps,
    strengths: undefined,
    selection: undefined,
    convolution: convolutionOf(reader, name, channelCount, length),
    decay: reader.vector(name('ssm_a'), heads),
    stepBias: reader.vector(name('ssm_dt.bias'), heads),
    skip: reader.vector(name('ssm_d'), heads),
    norm: reader.optionalVector(name('ssm_norm.weight'), inner),
    output: reader.weight(name('ssm_out'), hiddenSize, inner),
  };
}

/** A Mamba block. Its input projection holds channels and gate, one after the other. */
export function mambaOf({ reader, name, hiddenSize }: RecurrentPlace): RecurrentSpec {
  const inner = reader.integer('ssm.inner_size', 32, MOST_INNER);
  const rank = reader.integer('ssm.time_step_rank', 1, inner);
  const stateSize = reader.integer('ssm.state_size', 4, MOST_STATE);
  if (stateSize % 4 !== 0) throw reader.refusal(`states of ${stateSize} values`);
  const [channels, gate] = reader.fusedWeights(name('ssm_in'), [inner, inner], hiddenSize);
  return {
    kind: 'recurrent',
    rule: 'selective',
    heads: inner,
    headSize: 1,
    stateSize,
    groups: 1,
    channels: channels!,
    gate: gate!,
    steps: undefined,
    strengths: undefined,
    selection: {
      parameters: reader.weight(name('ssm_x'), rank + 2 * stateSize, inner),
      rank,
      steps: reader.vector(name('ssm_dt.weight'), inner * rank),
      norms: parameterNormsOf(reader, name, rank, stateSize),
    },
    convolution: convolutionOf(reader, name, inner, reader.integer('ssm.conv_kernel', 2, 8)),
    decay: reader.vector(name('ssm_a'), inner * stateSize),
    stepBias: reader.vector(name('ssm_dt.bias'), inner),
    skip: reader.vector(name('ssm_d'), inner),
    norm: undefined,
    output: reader.weight(name('ssm_out'), hiddenSize, inner),
  };
}

function parameterNormsOf(reader: ModelReader, name: RecurrentPlace['name'], rank: number, stateSize: number) {
  if (reader.has(name('ssm_dt_norm.weight'))) {
    return {
      t: reader.norm(name('ssm_dt_norm'), rank),
      b: reader.norm(name('ssm_b_norm'), stateSize),
      c: reader.norm(name('ssm_c_norm'), stateSize),
    };
  }
  const plain = { weight: undefined, bias: undefined };
  return reader.flag('ssm.dt_b_c_rms', false) ? { t: plain, b: plain, c: plain } : undefined;
}

/** A gated delta net: queries and keys of `ssm.group_count` heads, values of all. */
export function deltaNetOf({ reader, name, hiddenSize }: RecurrentPlace): RecurrentSpec {
  const { inner, heads, headSize, stateSize, groups, length } = sizesOf(reader);
  const channelCount = inner + 2 * groups * stateSize;
  return {
    kind: 'recurrent',
    rule: 'delta',
    heads,
    headSize,
    stateSize,
    groups,
    channels: reader.weight(name('attn_qkv'), channelCount, hiddenSize),
    gate: reader.weight(name('attn_gate'), inner, hiddenSize),
    steps: reader.weight(name('ssm_alpha'), heads, hiddenSize),
    strengths: reader.weight(name('ssm_beta'), heads, hiddenSize),
    selection: undefined,
    convolution: convolutionOf(reader, name, channelCount, length),
    decay: reader.vector(name('ssm_a'), heads),
    stepBias: reader.vector(name('ssm_dt.bias'), heads),
    skip: undefined,
    norm: reader.vector(name('ssm_norm.weight'), headSize),
    output: reader.weight(name('ssm_out'), hiddenSize, inner),
  };
}

function convolutionOf(reader: ModelReader, name: RecurrentPlace['name'], channels: number, length: number) {
  return {
    length,
    taps: reader.vector(name('ssm_conv1d.weight'), channels * length),
    bias: reader.optionalVector(name('ssm_conv1d.bias'), channels),
  };
}
