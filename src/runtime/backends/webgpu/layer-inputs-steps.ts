import type { GpuBuffers, LayerInputBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import { ACTIVATIONS, matrixConstants, modelConstants } from './model-constants.ts';
import { wholeBlocks } from './model-shape.ts';
import type { Phase } from './phase.ts';
import { normRequest, projection } from './shared-steps.ts';

const INPUT_THREADS = 64;

/** What all layers get of each token, behind its embedding; nothing where they get nothing. */
export function layerInputsRequests(plan: GpuPlan, { layerInputs }: GpuBuffers, phase: Phase): StepRequest[] {
  if (layerInputs === undefined) return [];
  const { scratch } = phase;
  const { size } = layerInputs.plan.spec;
  const layers = plan.layers.length;
  const rawQuads = wholeBlocks(size * layers) / 4;
  const project = projection(plan, phase);
  return [
    ...layerInputs.projection.map((upload) =>
      project('qkv', upload, 'hidden', {
        OUTPUT_AT: scratch.layout.regions.raw + upload.firstRow / 4,
        OUTPUT_QUADS: rawQuads,
        IS_ADDED: false,
        OUTPUT_SCALE: { float: 1 / Math.sqrt(plan.shape.hiddenSize) },
      }),
    ),
    ...layerInputs.table.map(
      (part): StepRequest => ({
        kernel: 'layer-inputs',
        format: part.matrix.format,
        constants: {
          ...modelConstants(plan, scratch.layout),
          ...matrixConstants(part),
          WORKGROUP: INPUT_THREADS,
          SIZE_QUADS: size / 4,
          RAW_QUADS: rawQuads,
          LAYER_QUADS: scratch.layerInputs!.layerBytes / 16,
          TABLE_SCALE: { float: Math.sqrt(size) },
        },
        bindings: [scratch.buffer, part.buffer, layerInputs.norm.buffer, scratch.layerInputs!.buffer],
        workgroups: (count) => [layers, count],
      }),
    ),
  ];
}

/** A layer lets its input in, behind its blocks; nothing where it gets none. */
export function letInRequests(plan: GpuPlan, input: LayerInputBuffers | undefined, phase: Phase): StepRequest[] {
  if (input === undefined) return [];
  const { scratch } = phase;
  const { regions } = scratch.layout;
  const { buffer, layerBytes } = scratch.layerInputs!;
  const gate = phase.multiply('output', input.gate, {
    kernel: `layer-input-${phase.name}`,
    constants: {
      ...modelConstants(plan, scratch.layout),
      INPUT_AT: regions.hidden,
      ACTIVATION: ACTIVATIONS[input.plan.spec.activation],
      GATED_QUADS: wholeBlocks(input.plan.gate.rows) / 4,
    },
    bindings: [scratch.buffer, input.gate.buffer, { buffer, offset: input.index * layerBytes, size: layerBytes }],
  });
  const output = projection(plan, phase)('output', input.output, 'gated', {
    OUTPUT_AT: regions.added,
    OUTPUT_QUADS: plan.shape.hiddenStride / 4,
    IS_ADDED: false,
    OUTPUT_SCALE: { float: 1 },
  });
  return [gate, output, normRequest(plan, scratch, input.norm, 'added', 'hidden', 1)];
}
