import { expertConstants } from './expert-requests.ts';
import type { LayerBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { blockConstants, modelConstants } from './model-constants.ts';
import type { Phase } from './phase.ts';

/** Dispatches up to the activation, and those that add to the residual stream. */
export interface FeedForwardSteps {
  readonly gate: readonly StepRequest[];
  readonly addFed: readonly StepRequest[];
}

/** The feed-forward blocks of a layer, where it has any; `input` is where it lies, `target` where results go. */
export function feedForward(
  plan: GpuPlan,
  { block, experts }: LayerBuffers,
  input: number,
  target: ShaderConstants,
  { name: phase, scratch, multiply, experts: expertSteps }: Phase,
): FeedForwardSteps {
  const constants = { ...modelConstants(plan, scratch.layout), INPUT_AT: input };
  const chosen = experts && expertSteps(experts, constants, target);
  if (block === undefined) return chosen ?? { gate: [], addFed: [] };
  const weighted = experts && {
    ...expertConstants(plan, scratch, experts),
    IS_WEIGHTED: true,
    FIRST_SLOT: experts.plan.spec.used,
  };
  const { plan: of, gateUp, down } = block;
  const own = { ...constants, ...weighted };
  const gate = multiply('gateUp', gateUp, {
    kernel: `gate-up-${phase}`,
    constants: { ...own, ...blockConstants(of.spec) },
    bindings: [scratch.buffer, gateUp.buffer],
  });
  const add = multiply('down', down, {
    kernel: `project-${phase}`,
    constants: { ...own, INPUT_AT: scratch.layout.regions.gated, ...target, ...(chosen && { IS_ADDED: true }) },
    bindings: [scratch.buffer, down.buffer],
  });
  return { gate: [...(chosen?.gate ?? []), gate], addFed: [...(chosen?.addFed ?? []), add] };
}
