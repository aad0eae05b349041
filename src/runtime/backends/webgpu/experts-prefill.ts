import { expertConstants, routeRequest } from './expert-requests.ts';
import { PAIRS_A_TILE } from './experts-plan.ts';
import type { FeedForwardSteps } from './feed-forward.ts';
import { gemmRequest } from './gemm-request.ts';
import type { ExpertsBuffers, GpuBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { blockConstants } from './model-constants.ts';
import { mostTiles } from './scratch-layout.ts';
import type { WeightUpload } from './weights/index.ts';

const GROUP_THREADS = 256;
const SUM_THREADS = 64;

/** The experts of a layer for a chunk: tokens are sorted by expert, so that an expert's weights are read once for all that chose it. */
export function expertsPrefill(
  plan: GpuPlan,
  { chunk }: GpuBuffers,
  experts: ExpertsBuffers,
  layer: ShaderConstants,
  target: ShaderConstants,
): FeedForwardSteps {
  const { router, gateUp, down } = experts;
  const { used, experts: blocks } = experts.plan.spec;
  const { regions } = chunk.layout;
  const tiles = mostTiles(plan.chunk, used, blocks.length);
  const constants = { ...layer, ...expertConstants(plan, chunk, experts), MOST_TILES: tiles, PAIRS_A_TILE };
  const hiddenQuads = plan.shape.hiddenStride / 4;
  const plain = { IS_ADDED: false, OUTPUT_SCALE: { float: 1 } };
  const route = gemmRequest('output', router, {
    kernel: 'project-prefill',
    constants: { ...constants, OUTPUT_AT: regions.routed, OUTPUT_QUADS: plan.shape.routedStride / 4, ...plain },
    bindings: [chunk.buffer, router.buffer],
  });
  const group: StepRequest = {
    kernel: 'group-by-expert',
    constants: { ...constants, WORKGROUP: GROUP_THREADS },
    bindings: [chunk.buffer],
    workgroups: () => [1, 1],
  };
  const gate = {
    kernel: 'experts-gate-up-prefill',
    constants: { ...constants, ...blockConstants(blocks[0]!), GATED_AT: regions.expertGated, IS_GATHERED: true },
  } as const;
  const project = {
    kernel: 'experts-project-prefill',
    constants: {
      ...constants,
      ...plain,
      INPUT_AT: regions.expertGated,
      OUTPUT_AT: regions.expertOutputs,
      OUTPUT_QUADS: hiddenQuads,
      IS_GATHERED: false,
      WEIGHS_BIAS: true,
    },
  } as const;
  const sum: StepRequest = {
    kernel: 'sum-experts',
    constants: { ...constants, ...target, WORKGROUP: SUM_THREADS },
    bindings: [chunk.buffer],
    workgroups: (count) => [Math.ceil(hiddenQuads / SUM_THREADS), count],
  };
  /** A dispatch for each buffer of experts; tiles of others are passed over. */
  const multiply = (uploads: readonly WeightUpload[], request: Pick<StepRequest, 'kernel' | 'constants'>) =>
    uploads.map((upload): StepRequest => {
      const step = gemmRequest('down', upload, { ...request, bindings: [chunk.buffer, upload.buffer] });
      return { ...step, workgroups: (count) => [step.workgroups(count)[0], mostTiles(count, used, blocks.length)] };
    });
  return {
    gate: [route, routeRequest(plan, chunk, experts), group, ...multiply(gateUp, gate)],
    addFed: [...multiply(down, project), sum],
  };
}
