import type { WeightSpec } from '../../architectures/index.ts';
import type { FeedForwardPlace, LayerPlace } from './layer-place.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { MatrixPlace } from './places.ts';
import * as fields from './plan-fields.ts';

/** The address of each weight's matrix record in the plan, as write-plan.ts has written it. */
export function matrixRecords(plan: MemoryPlan): ReadonlyMap<WeightSpec, number> {
  const records = new Map<WeightSpec, number>([[plan.head.weight, fields.PLAN + fields.HEAD]]);
  if (plan.layerInputs !== undefined) {
    records.set(plan.layerInputs.projection.weight, fields.PLAN + fields.LAYER_INPUTS_MATRIX);
  }
  const { begin = [], end = [], beginTable = 0, endTable = 0 } = plan.streams ?? {};
  for (const [index, { weight }] of begin.entries()) records.set(weight, beginTable + index * fields.MATRIX_BYTES);
  for (const [index, { weight }] of end.entries()) records.set(weight, endTable + index * fields.MATRIX_BYTES);
  for (const [index, layer] of plan.layers.entries()) {
    const address = plan.layerTable + index * fields.LAYER_BYTES;
    for (const [offset, place] of layerMatrices(layer)) records.set(place.weight, address + offset);
    for (const [offset, place] of recurrentMatrices(layer)) {
      records.set(place.weight, layer.recurrence!.record + offset);
    }
    for (const [expert, place] of (layer.experts?.experts ?? []).entries()) {
      const record = layer.experts!.table + expert * fields.EXPERT_BYTES;
      for (const [offset, matrix] of expertMatrices(place)) records.set(matrix.weight, record + offset);
    }
  }
  return records;
}

type Matrices = [number, MatrixPlace][];

function mixerMatrices(mixer: LayerPlace['mixer']): Matrices {
  if (mixer === undefined) return [];
  const output: Matrices = [[fields.LAYER_OUTPUT_MATRIX, mixer.output]];
  if ('input' in mixer) return [[fields.LAYER_QUERY_MATRIX, mixer.input], ...output];
  if (mixer.outputGate !== undefined) output.push([fields.LAYER_OUTPUT_GATE_MATRIX, mixer.outputGate]);
  output.push([fields.LAYER_QUERY_MATRIX, mixer.query]);
  if (mixer.key !== undefined) output.push([fields.LAYER_KEY_MATRIX, mixer.key]);
  if (mixer.value !== undefined) output.push([fields.LAYER_VALUE_MATRIX, mixer.value]);
  return output;
}

function recurrentMatrices({ recurrence }: LayerPlace): Matrices {
  if (recurrence === undefined) return [];
  const { channels, gate, steps, strengths, parameters, output } = recurrence;
  const matrices = [
    [fields.RECURRENT_CHANNELS_MATRIX, channels],
    [fields.RECURRENT_GATE_MATRIX, gate],
    [fields.RECURRENT_STEPS_MATRIX, steps],
    [fields.RECURRENT_STRENGTHS_MATRIX, strengths],
    [fields.RECURRENT_PARAMETERS_MATRIX, parameters],
    [fields.RECURRENT_OUTPUT_MATRIX, output],
  ] as const;
  return matrices.flatMap(([offset, place]): Matrices => (place === undefined ? [] : [[offset, place]]));
}

function layerMatrices({ mixer, feedForward, experts, input, lowRank }: LayerPlace): Matrices {
  const ofMixer = mixerMatrices(mixer);
  if (lowRank !== undefined) {
    ofMixer.push([fields.LAYER_LOW_RANK_DOWN_MATRIX, lowRank.down], [fields.LAYER_LOW_RANK_UP_MATRIX, lowRank.up]);
  }
  if (input !== undefined) {
    ofMixer.push([fields.LAYER_INPUT_GATE_MATRIX, input.gate], [fields.LAYER_INPUT_OUTPUT_MATRIX, input.output]);
  }
  if (experts !== undefined) ofMixer.push([fields.LAYER_ROUTER_MATRIX, experts.router]);
  if (feedForward === undefined) return ofMixer;
  const { gate, up, down } = feedForward;
  if (gate !== undefined) ofMixer.push([fields.LAYER_GATE_MATRIX, gate]);
  return [...ofMixer, [fields.LAYER_UP_MATRIX, up], [fields.LAYER_DOWN_MATRIX, down]];
}

function expertMatrices({ gate, up, down }: FeedForwardPlace): Matrices {
  const pairs: Matrices = gate === undefined ? [] : [[fields.EXPERT_GATE_MATRIX, gate]];
  return [...pairs, [fields.EXPERT_UP_MATRIX, up], [fields.EXPERT_DOWN_MATRIX, down]];
}
