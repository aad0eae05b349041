import type { Activation, HeadNormSpec, RecurrentSpec } from '../../architectures/index.ts';
import type {
  AttentionPlace,
  ConvolutionPlace,
  ExpertsPlace,
  FeedForwardPlace,
  LayerInputPlace,
  LayerPlace,
} from './layer-place.ts';
import type { MatrixPlace } from './places.ts';
import * as fields from './plan-fields.ts';
import { projectionOffsets, type RecurrencePlace } from './recurrence-place.ts';

const ACTIVATIONS: Readonly<Record<Activation, number>> = {
  silu: fields.ACTIVATION_SILU,
  gelu: fields.ACTIVATION_GELU,
  relu: fields.ACTIVATION_RELU,
  'relu-squared': fields.ACTIVATION_RELU_SQUARED,
  clamped: fields.ACTIVATION_CLAMPED,
};

const RULES: Readonly<Record<RecurrentSpec['rule'], number>> = {
  scan: fields.RULE_SCAN,
  delta: fields.RULE_DELTA,
  selective: fields.RULE_SELECTIVE,
};

/** More than any position: a window that hides nothing. */
const NO_WINDOW = 2 ** 31 - 1;

/** Writes a record's fields: integers and addresses, floats, matrices. */
class RecordWriter {
  readonly #view: DataView;
  readonly #address: number;

  constructor(view: DataView, address: number) {
    this.#view = view;
    this.#address = address;
  }

  integer(offset: number, value: number): void {
    this.#view.setUint32(this.#address + offset, value, true);
  }

  float(offset: number, value: number): void {
    this.#view.setFloat32(this.#address + offset, value, true);
  }

  matrix(offset: number, place: MatrixPlace | undefined): void {
    if (place !== undefined) writeMatrix(this.#view, this.#address + offset, place);
  }
}

export function writeMatrix(view: DataView, address: number, matrix: MatrixPlace): void {
  const record = new RecordWriter(view, address);
  record.integer(fields.MATRIX_KERNEL, matrix.type.kernel);
  record.integer(fields.MATRIX_DATA, matrix.address);
  record.integer(fields.MATRIX_STRIDE, matrix.stride);
  record.integer(fields.MATRIX_GROUPS, matrix.groups);
  record.integer(fields.MATRIX_BLOCKS, matrix.blocks);
  record.integer(fields.MATRIX_BIAS, matrix.bias);
}

/** Writes the record of one layer. */
export function writeLayer(view: DataView, address: number, layer: LayerPlace): void {
  const record = new RecordWriter(view, address);
  record.integer(fields.LAYER_ATTENTION_NORM, layer.attentionNorm.weight);
  record.integer(fields.LAYER_ATTENTION_NORM_BIAS, layer.attentionNorm.bias);
  record.integer(fields.LAYER_ATTENTION_POST_NORM, layer.attentionPostNorm.weight);
  record.integer(fields.LAYER_FEED_FORWARD_NORM, layer.feedForwardNorm.weight);
  record.integer(fields.LAYER_FEED_FORWARD_NORM_BIAS, layer.feedForwardNorm.bias);
  record.integer(fields.LAYER_FEED_FORWARD_POST_NORM, layer.feedForwardPostNorm.weight);
  const { mixer, recurrence, feedForward, experts } = layer;
  if (mixer === undefined) record.integer(fields.LAYER_MIXER, fields.MIXER_RECURRENT);
  else if (mixer.spec.kind === 'attention') writeAttention(record, mixer as AttentionPlace);
  else writeConvolution(record, mixer as ConvolutionPlace);
  record.integer(fields.LAYER_RECURRENT, recurrence?.record ?? 0);
  if (recurrence !== undefined) writeRecurrence(view, recurrence);
  if (feedForward !== undefined) writeFeedForward(record, feedForward);
  if (experts !== undefined) writeExperts(view, record, experts);
  if (layer.input !== undefined) writeLayerInput(record, layer.input);
  record.integer(fields.LAYER_OUTPUT_SCALE, layer.outputScale);
  record.integer(fields.LAYER_LOW_RANK_NORM, layer.lowRank?.norm ?? 0);
  record.matrix(fields.LAYER_LOW_RANK_DOWN_MATRIX, layer.lowRank?.down);
  record.matrix(fields.LAYER_LOW_RANK_UP_MATRIX, layer.lowRank?.up);
  record.integer(fields.LAYER_STREAM_ROUTER_NORM, layer.streams.routerNorm);
  record.integer(fields.LAYER_STREAM_ROUTER, layer.streams.router);
  record.integer(fields.LAYER_STREAM_PREDICT, layer.streams.predict);
  record.integer(fields.LAYER_STREAM_CORRECT, layer.streams.correct);
  record.integer(fields.LAYER_STREAM_SCALE, layer.streams.scale);
}

function writeLayerInput(record: RecordWriter, { spec, gate, output, norm }: LayerInputPlace): void {
  record.integer(fields.LAYER_INPUT_POST_NORM, norm);
  record.integer(fields.LAYER_INPUT_ACTIVATION, ACTIVATIONS[spec.activation]);
  record.matrix(fields.LAYER_INPUT_GATE_MATRIX, gate);
  record.matrix(fields.LAYER_INPUT_OUTPUT_MATRIX, output);
}

function writeAttention(record: RecordWriter, place: AttentionPlace): void {
  const { spec } = place;
  const norm = spec.queryNorm ?? spec.keyNorm;
  record.integer(fields.LAYER_MIXER, fields.MIXER_ATTENTION);
  record.integer(fields.LAYER_QUERY_NORM, place.queryNorm);
  record.integer(fields.LAYER_KEY_NORM, place.keyNorm);
  record.integer(fields.LAYER_VALUE_NORM, place.valueNorm);
  record.integer(fields.LAYER_HEAD_NORM, headNormKind(norm, spec.headSize));
  record.integer(fields.LAYER_NORM_AFTER_ROPE, norm?.isAfterRope ? 1 : 0);
  record.integer(fields.LAYER_ATTENTION_INNER_NORM, place.innerNorm);
  record.integer(fields.LAYER_ROPE, place.rope);
  record.integer(fields.LAYER_ROPE_DIMENSIONS, spec.rope?.dimensions ?? 0);
  record.integer(fields.LAYER_ROPE_INTERLEAVED, spec.rope?.kind === 'interleaved' ? 1 : 0);
  record.integer(fields.LAYER_WINDOW, spec.window ?? NO_WINDOW);
  record.float(fields.LAYER_SOFT_CAP, spec.softCap ?? 0);
  record.integer(fields.LAYER_SINKS, place.sinks);
  record.float(fields.LAYER_ATTENTION_SCALE, spec.scale);
  record.integer(fields.LAYER_HEADS, spec.heads);
  record.integer(fields.LAYER_KV_HEADS, spec.keyValueHeads);
  record.integer(fields.LAYER_HEAD_SIZE, spec.headSize);
  record.integer(fields.LAYER_KEYS, place.keys);
  record.integer(fields.LAYER_VALUES, place.values);
  record.integer(fields.LAYER_KEY_SCALES, place.keyScales);
  record.integer(fields.LAYER_VALUE_SCALES, place.valueScales);
  record.matrix(fields.LAYER_QUERY_MATRIX, place.query);
  record.matrix(fields.LAYER_KEY_MATRIX, place.key);
  record.matrix(fields.LAYER_VALUE_MATRIX, place.value);
  record.matrix(fields.LAYER_OUTPUT_GATE_MATRIX, place.outputGate);
  record.matrix(fields.LAYER_OUTPUT_MATRIX, place.output);
}

function writeRecurrence(view: DataView, place: RecurrencePlace): void {
  const record = new RecordWriter(view, place.record);
  const { spec } = place;
  const offsets = projectionOffsets(spec);
  const inner = spec.heads * spec.headSize;
  const normWidth = inner / (spec.rule === 'delta' ? spec.heads : spec.groups);
  record.integer(fields.RECURRENT_RULE, RULES[spec.rule]);
  record.integer(fields.RECURRENT_HEADS, spec.heads);
  record.integer(fields.RECURRENT_HEAD_SIZE, spec.headSize);
  record.integer(fields.RECURRENT_STATE_SIZE, spec.stateSize);
  record.integer(fields.RECURRENT_GROUPS, spec.groups);
  record.integer(fields.RECURRENT_CONVOLUTION_LENGTH, spec.convolution.length);
  record.integer(fields.RECURRENT_TAPS, place.taps);
  record.integer(fields.RECURRENT_CONVOLUTION_BIAS, place.bias);
  record.integer(fields.RECURRENT_DECAY, place.decay);
  record.integer(fields.RECURRENT_STEP_BIAS, place.stepBias);
  record.integer(fields.RECURRENT_SKIP, place.skip);
  record.integer(fields.RECURRENT_NORM, place.norm);
  record.integer(fields.RECURRENT_NORM_WIDTH, normWidth);
  record.integer(fields.RECURRENT_NORM_STEP, spec.norm?.size === inner ? normWidth * 4 : 0);
  record.integer(fields.RECURRENT_PAST, place.past);
  record.integer(fields.RECURRENT_STATE, place.state);
  record.integer(fields.RECURRENT_GATE_OFFSET, offsets.gate * 4);
  record.integer(fields.RECURRENT_STEPS_OFFSET, offsets.steps * 4);
  record.integer(fields.RECURRENT_STRENGTHS_OFFSET, offsets.strengths * 4);
  record.integer(fields.RECURRENT_PARAMETERS_OFFSET, offsets.parameters * 4);
  record.integer(fields.RECURRENT_ROW_BYTES, offsets.width * 4);
  record.integer(fields.RECURRENT_RANK, spec.selection?.rank ?? 0);
  record.integer(fields.RECURRENT_STEP_WEIGHTS, place.stepWeights);
  record.integer(fields.RECURRENT_T_NORM, place.parameterNorms.t);
  record.integer(fields.RECURRENT_B_NORM, place.parameterNorms.b);
  record.integer(fields.RECURRENT_C_NORM, place.parameterNorms.c);
  record.matrix(fields.RECURRENT_CHANNELS_MATRIX, place.channels);
  record.matrix(fields.RECURRENT_GATE_MATRIX, place.gate);
  record.matrix(fields.RECURRENT_STEPS_MATRIX, place.steps);
  record.matrix(fields.RECURRENT_STRENGTHS_MATRIX, place.strengths);
  record.matrix(fields.RECURRENT_PARAMETERS_MATRIX, place.parameters);
  record.matrix(fields.RECURRENT_OUTPUT_MATRIX, place.output);
}

function headNormKind(norm: HeadNormSpec | undefined, headSize: number): number {
  if (norm === undefined) return fields.HEAD_NORM_NONE;
  if (norm.over === 'row') return fields.HEAD_NORM_ROW;
  return norm.weight.size === headSize ? fields.HEAD_NORM_SHARED : fields.HEAD_NORM_EACH;
}

function writeConvolution(record: RecordWriter, place: ConvolutionPlace): void {
  record.integer(fields.LAYER_MIXER, fields.MIXER_CONVOLUTION);
  record.integer(fields.LAYER_CONVOLUTION_LENGTH, place.spec.length);
  record.integer(fields.LAYER_TAPS, place.taps);
  record.integer(fields.LAYER_RING, place.ring);
  record.integer(fields.LAYER_CHECKPOINTS, place.checkpoints);
  record.matrix(fields.LAYER_QUERY_MATRIX, place.input);
  record.matrix(fields.LAYER_OUTPUT_MATRIX, place.output);
}

function writeFeedForward(record: RecordWriter, place: FeedForwardPlace): void {
  record.integer(fields.LAYER_FEED_FORWARD, place.spec.size);
  record.integer(fields.LAYER_ACTIVATION, ACTIVATIONS[place.spec.activation]);
  record.float(fields.LAYER_CUTOFF, place.spec.cutoff ?? 0);
  record.integer(fields.LAYER_FEED_FORWARD_INNER_NORM, place.innerNorm);
  record.matrix(fields.LAYER_GATE_MATRIX, place.gate);
  record.matrix(fields.LAYER_UP_MATRIX, place.up);
  record.matrix(fields.LAYER_DOWN_MATRIX, place.down);
}

function writeExperts(view: DataView, record: RecordWriter, { spec, experts, table, ...place }: ExpertsPlace): void {
  const first = spec.experts[0]!;
  record.integer(fields.LAYER_EXPERTS, experts.length);
  record.integer(fields.LAYER_EXPERTS_USED, spec.used);
  record.integer(fields.LAYER_EXPERT_TABLE, table);
  record.integer(fields.LAYER_EXPERT_WIDTH, first.size);
  record.integer(fields.LAYER_ACTIVATION, ACTIVATIONS[first.activation]);
  record.integer(fields.LAYER_EXPERT_SIGMOID, spec.gating === 'sigmoid' ? 1 : 0);
  record.integer(fields.LAYER_EXPERT_GROUPS, spec.groups?.count ?? 0);
  record.integer(fields.LAYER_EXPERT_GROUPS_USED, spec.groups?.used ?? 0);
  record.integer(fields.LAYER_EXPERT_NORMALISED, spec.isNormalised ? 1 : 0);
  record.float(fields.LAYER_EXPERT_SCALE, spec.scale);
  record.integer(fields.LAYER_SELECTION_BIAS, place.selectionBias);
  record.integer(fields.LAYER_SHARED_GATE, place.sharedGate);
  record.integer(fields.LAYER_ROUTER_NORM, place.norms.router);
  record.integer(fields.LAYER_EXPERT_NORM, place.norms.before);
  record.integer(fields.LAYER_EXPERT_POST_NORM, place.norms.after);
  record.integer(fields.LAYER_SHARED_POST_NORM, place.norms.afterShared);
  record.integer(fields.LAYER_EXPERT_SCALES, place.scales);
  record.matrix(fields.LAYER_ROUTER_MATRIX, place.router);
  for (const [index, { gate, up, down }] of experts.entries()) {
    const expert = new RecordWriter(view, table + index * fields.EXPERT_BYTES);
    expert.matrix(fields.EXPERT_GATE_MATRIX, gate);
    expert.matrix(fields.EXPERT_UP_MATRIX, up);
    expert.matrix(fields.EXPERT_DOWN_MATRIX, down);
  }
}
