import type { ExpertsBuffers, ScratchBuffer } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { modelConstants } from './model-constants.ts';

const ROUTE_THREADS = 64;

/** What all kernels of a layer's experts know. */
export function expertConstants(plan: GpuPlan, scratch: ScratchBuffer, experts: ExpertsBuffers): ShaderConstants {
  const { spec } = experts.plan;
  return {
    ...modelConstants(plan, scratch.layout),
    EXPERTS: spec.experts.length,
    USED: spec.used,
    CHOSEN_SLOTS: spec.used + (spec.shared === undefined ? 0 : 1),
  };
}

/** Values of the router to the experts of each token and what they count for. */
export function routeRequest(plan: GpuPlan, scratch: ScratchBuffer, experts: ExpertsBuffers): StepRequest {
  const { spec } = experts.plan;
  return {
    kernel: 'route',
    constants: {
      ...expertConstants(plan, scratch, experts),
      WORKGROUP: ROUTE_THREADS,
      GROUPS: spec.groups?.count ?? 1,
      GROUPS_USED: spec.groups?.used ?? 1,
      IS_SOFTMAX: spec.gating === 'softmax',
      WEIGHTS_ADD_UP: spec.isNormalised,
      EXPERT_SCALE: { float: spec.scale },
      HAS_SHARED: spec.shared !== undefined,
      HAS_SHARED_GATE: spec.sharedGate !== undefined,
    },
    bindings: [scratch.buffer, experts.selectionBias],
    workgroups: (count) => [count, 1],
  };
}
