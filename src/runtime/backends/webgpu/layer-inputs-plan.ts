import { SottoError } from '../../../shared/index.ts';
import type { DecoderSpec, LayerInputSpec, LayerInputsSpec } from '../../architectures/index.ts';
import { checkType, checkWorkgroups, inOrder, planTable, type TablePart } from './table-plan.ts';
import { fuseRows, type WeightMatrix } from './weights/index.ts';

/** What all layers get of a token beside the residual stream. Its table is often the largest of a model: it is cut into parts. */
export interface LayerInputsPlan {
  readonly spec: LayerInputsSpec;
  readonly table: readonly TablePart[];
  readonly projection: readonly TablePart[];
}

/** The matrices with which a layer lets its own in. */
export interface LayerInputPlan {
  readonly spec: LayerInputSpec;
  readonly gate: WeightMatrix;
  readonly output: WeightMatrix;
}

/** Bindings of a part of a buffer begin at whole ones of these bytes on every device. */
const BINDING_BYTES = 256;

/** Bytes between the inputs of two layers: those of one layer lie `[token][size]`. */
export function layerInputBytes({ size }: LayerInputsSpec, tokens: number): number {
  return Math.ceil((4 * size * tokens) / BINDING_BYTES) * BINDING_BYTES;
}

/** Throws `model-unsupported` for sizes and norms that no file was seen to have. */
export function planLayerInputs(
  { architecture, layerInputs: spec, norm }: DecoderSpec,
  largest: number,
  mostWorkgroups: number,
): LayerInputsPlan | undefined {
  if (spec === undefined) return undefined;
  if (spec.size % 4 !== 0 || norm.kind !== 'rms' || spec.norm.bias !== undefined) {
    const message = `This model is not supported on the GPU: ${architecture}, because of its per-layer embeddings.`;
    throw new SottoError('model-unsupported', message, {
      details: { architecture, part: 'its per-layer embeddings', size: spec.size },
    });
  }
  checkWorkgroups(spec.projection.rows, mostWorkgroups);
  return {
    spec,
    table: planTable(spec.table, largest, undefined),
    projection: planTable(spec.projection, largest, undefined),
  };
}

export function planLayerInput(spec: LayerInputSpec | undefined): LayerInputPlan | undefined {
  if (spec === undefined) return undefined;
  for (const weight of [spec.gate, spec.output]) checkType(weight);
  return { spec, gate: fuseRows([inOrder(spec.gate)]), output: fuseRows([inOrder(spec.output)]) };
}
