import type { Activation, ExpertNormsSpec, ExpertsSpec, FeedForwardSpec, WeightSpec } from './decoder-spec.ts';
import type { ModelReader } from './model-reader.ts';

const MOST_EXPERTS = 1024;
const MOST_WIDTH = 262_144;

export interface FeedForwardPlace {
  readonly reader: ModelReader;
  /** Full name of a part of the layer. */
  readonly name: (part: string) => string;
  readonly hiddenSize: number;
  readonly activation: Activation;
  readonly cutoff?: number | undefined;
}

/** A dense block; `suffix` follows each part's name ("_shexp" for the one that experts share). */
export function denseFeedForward(place: FeedForwardPlace, size: number, suffix = ''): FeedForwardSpec {
  const { reader, name, hiddenSize, activation, cutoff } = place;
  const part = (role: string) => name(`ffn_${role}${suffix}`);
  const innerNorm = reader.has(`${name('ffn_sub_norm')}.weight`) ? reader.norm(name('ffn_sub_norm'), size) : undefined;
  const common = {
    kind: 'dense',
    size,
    activation,
    cutoff,
    innerNorm,
    down: reader.weight(part('down'), hiddenSize, size),
  } as const;
  const isSeparate = reader.has(`${part('gate')}.weight`);
  if (!isSeparate && reader.shapeOf(`${part('up')}.weight`)?.[1] === 2 * size) {
    const [gate, up] = reader.fusedWeights(part('up'), [size, size], hiddenSize);
    return { ...common, gate, up: up! };
  }
  const gate = isSeparate ? reader.weight(part('gate'), size, hiddenSize) : undefined;
  return { ...common, gate, up: reader.weight(part('up'), size, hiddenSize) };
}

/** Experts, their router and the shared block where the file has one. `isNormalised` is the architecture's. */
export function expertFeedForward(place: FeedForwardPlace, isNormalised: boolean): ExpertsSpec {
  const { reader, name, hiddenSize, activation } = place;
  const count = reader.integer('expert_count', 2, MOST_EXPERTS);
  const size =
    reader.shapeOf(name('ffn_up_exps.weight'))?.[1] ?? reader.integer('expert_feed_forward_length', 8, MOST_WIDTH);
  const { gates, ups } = liftsOf(place, count, size);
  const downs = reader.stackedWeights(name('ffn_down_exps'), count, hiddenSize, size);
  const scale = reader.number('expert_weights_scale', 0, 1e6, 0);
  return {
    kind: 'experts',
    router: reader.weight(name('ffn_gate_inp'), count, hiddenSize),
    used: reader.integer('expert_used_count', 1, count),
    gating: gatingOf(reader, isNormalised),
    selectionBias: reader.optionalVector(name('exp_probs_b.bias'), count),
    groups: groupsOf(reader, count),
    isNormalised,
    scale: scale === 0 ? 1 : scale,
    scales: reader.optionalVector(name('ffn_down_exps.scale'), count),
    experts: ups.map((up, i) => ({
      kind: 'dense',
      size,
      activation,
      cutoff: undefined,
      gate: gates[i],
      up,
      innerNorm: undefined,
      down: downs[i]!,
    })),
    shared: sharedOf(place),
    sharedGate: reader.optionalVector(name('ffn_gate_inp_shexp.weight'), hiddenSize),
    norms: normsOf(place),
  };
}

function groupsOf(reader: ModelReader, experts: number): ExpertsSpec['groups'] {
  const count = reader.integer('expert_group_count', 0, experts, 0);
  if (count <= 1) return undefined;
  if (experts % count !== 0 || experts < 2 * count)
    throw reader.refusal(`groups of experts of no even size (${count})`);
  return { count, used: reader.integer('expert_group_used_count', 1, count) };
}

interface Lifts {
  /** Empty where experts have no gate. */
  readonly gates: readonly (WeightSpec | undefined)[];
  readonly ups: readonly WeightSpec[];
}

/** Gates and ups of all experts: each in a tensor of its own, or one behind the other in one, expert by expert. */
function liftsOf({ reader, name, hiddenSize }: FeedForwardPlace, count: number, size: number): Lifts {
  if (reader.has(name('ffn_gate_up_exps.weight'))) {
    const both = reader.stackedWeights(name('ffn_gate_up_exps'), count, 2 * size, hiddenSize);
    if (both[0]!.bias !== undefined) throw reader.refusal('biases of fused experts');
    return {
      gates: both.map((weight) => ({ ...weight, rows: size })),
      ups: both.map((weight) => ({ ...weight, rows: size, firstRow: weight.firstRow + size })),
    };
  }
  const gates = reader.has(name('ffn_gate_exps.weight'))
    ? reader.stackedWeights(name('ffn_gate_exps'), count, size, hiddenSize)
    : [];
  return { gates, ups: reader.stackedWeights(name('ffn_up_exps'), count, size, hiddenSize) };
}

/** Beside experts with norms of their own it has the name of a layer's only block. */
function sharedOf(place: FeedForwardPlace): FeedForwardSpec | undefined {
  const suffix = hasNorms(place) ? '' : '_shexp';
  const size = place.reader.shapeOf(place.name(`ffn_down${suffix}.weight`))?.[0];
  return size === undefined ? undefined : denseFeedForward(place, size, suffix);
}

function hasNorms({ reader, name }: FeedForwardPlace): boolean {
  return reader.has(name('pre_ffw_norm_2.weight'));
}

function normsOf(place: FeedForwardPlace): ExpertNormsSpec | undefined {
  if (!hasNorms(place)) return undefined;
  const { reader, name, hiddenSize } = place;
  return {
    router: { weight: reader.vector(name('ffn_gate_inp.scale'), hiddenSize), bias: undefined },
    before: reader.norm(name('pre_ffw_norm_2'), hiddenSize),
    after: reader.norm(name('post_ffw_norm_2'), hiddenSize),
    afterShared: reader.norm(name('post_ffw_norm_1'), hiddenSize),
  };
}

/**
 * 1 is softmax, 2 sigmoid, 3 softmax of the chosen alone, which is that of all made to add up to 1 (source:
 * LLAMA_EXPERT_GATING_FUNC_TYPE of llama.cpp); softmax where nothing is said.
 */
function gatingOf(reader: ModelReader, isNormalised: boolean): ExpertsSpec['gating'] {
  const kind = reader.integer('expert_gating_func', 0, 100, 1);
  if (kind <= 1 || (kind === 3 && isNormalised)) return 'softmax';
  if (kind === 2) return 'sigmoid';
  throw reader.refusal(`experts chosen in a way it does not know (${kind})`);
}
