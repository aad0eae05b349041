import type { WeightSpec } from '../../architectures/index.ts';
import type { FeedForwardPlace, LayerPlace } from './layer-place.ts';
import type { MemoryPlan } from './memory-plan.ts';
import type { MatrixPlace } from './places.ts';
import * as fields from './plan-fields.ts';

/** The address of each weight's matrix record in the plan, as write-plan.ts has written it. */
export function matrixRecords(plan: MemoryPlan): ReadonlyMap<WeightSpec, number> {
  const records = new Map<WeightSpec, number>([[plan.head.weight, fields.PLAN + fields.HEAD]]);
  for (const [index, layer] of plan.layers.entries()) {
    const address = plan.layerTable + index * fields.LAYER_BYTES;
    for (const [offset, place] of layerMatrices(layer)) records.set(place.weight, address + offset);
    for (const [expert, place] of (layer.experts?.experts ?? []).entries()) {
      const record = layer.experts!.table + expert * fields.EXPERT_BYTES;
      for (const [offset, matrix] of expertMatrices(place)) records.set(matrix.weight, record + offset);
    }
  }
  return records;
}

function layerMatrices({ mixer, feedForward, experts }: LayerPlace): [number, MatrixPlace][] {
  const ofMixer: [number, MatrixPlace][] =
    'keys' in mixer
      ? [
          [fields.LAYER_QUERY_MATRIX, mixer.query],
          [fields.LAYER_KEY_MATRIX, mixer.key],
          [fields.LAYER_VALUE_MATRIX, mixer.value],
          [fields.LAYER_OUTPUT_MATRIX, mixer.output],
        ]
      : [
          [fields.LAYER_QUERY_MATRIX, mixer.input],
          [fields.LAYER_OUTPUT_MATRIX, mixer.output],
        ];
  if (experts !== undefined) ofMixer.push([fields.LAYER_ROUTER_MATRIX, experts.router]);
  if (feedForward === undefined) return ofMixer;
  const { gate, up, down } = feedForward;
  if (gate !== undefined) ofMixer.push([fields.LAYER_GATE_MATRIX, gate]);
  return [...ofMixer, [fields.LAYER_UP_MATRIX, up], [fields.LAYER_DOWN_MATRIX, down]];
}

function expertMatrices({ gate, up, down }: FeedForwardPlace): [number, MatrixPlace][] {
  const pairs: [number, MatrixPlace][] = gate === undefined ? [] : [[fields.EXPERT_GATE_MATRIX, gate]];
  return [...pairs, [fields.EXPERT_UP_MATRIX, up], [fields.EXPERT_DOWN_MATRIX, down]];
}
