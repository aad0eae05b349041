import { expertConstants, routeRequest } from './expert-requests.ts';
import type { BlockBuffers, ExpertsBuffers, GpuBuffers, LayerBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { matvecRequest } from './matvec-request.ts';
import { blockConstants, modelConstants } from './model-constants.ts';

/** Dispatches up to the activation, and those that add to the residual stream. */
export interface FeedForwardSteps {
  readonly gate: readonly StepRequest[];
  readonly addFed: readonly StepRequest[];
}

/** The feed-forward blocks of a layer for one token; `input` is where it lies, `target` where results go. */
export function feedForwardDecode(
  plan: GpuPlan,
  buffers: GpuBuffers,
  layer: LayerBuffers,
  input: number,
  target: ShaderConstants,
): FeedForwardSteps {
  const { block, experts } = layer;
  const { token } = buffers;
  const constants = { ...modelConstants(plan, token.layout), INPUT_AT: input };
  const chosen = experts && expertSteps(plan, buffers, experts, constants, target);
  if (block === undefined) return chosen!;
  const weighted = experts && {
    ...expertConstants(plan, token, experts),
    IS_WEIGHTED: true,
    FIRST_SLOT: experts.plan.spec.used,
  };
  const own = blockSteps(
    buffers,
    block,
    { ...constants, ...weighted },
    chosen ? { ...target, IS_ADDED: true } : target,
  );
  return { gate: [...(chosen?.gate ?? []), ...own.gate], addFed: [...(chosen?.addFed ?? []), ...own.addFed] };
}

function blockSteps(
  { token }: GpuBuffers,
  { plan: { spec }, gateUp, down }: BlockBuffers,
  constants: ShaderConstants,
  target: ShaderConstants,
): FeedForwardSteps {
  const gate = matvecRequest('gateUp', gateUp, {
    kernel: 'gate-up-decode',
    constants: { ...constants, ...blockConstants(spec) },
    bindings: [token.buffer, gateUp.buffer],
  });
  const add = matvecRequest('down', down, {
    kernel: 'project-decode',
    constants: { ...constants, INPUT_AT: token.layout.regions.gated, ...target },
    bindings: [token.buffer, down.buffer],
  });
  return { gate: [gate], addFed: [add] };
}

function expertSteps(
  plan: GpuPlan,
  { token }: GpuBuffers,
  experts: ExpertsBuffers,
  layer: ShaderConstants,
  target: ShaderConstants,
): FeedForwardSteps {
  const { router, gateUp, down } = experts;
  const { used, experts: blocks } = experts.plan.spec;
  const { regions } = token.layout;
  const constants = { ...layer, ...expertConstants(plan, token, experts) };
  const route = matvecRequest('output', router, {
    kernel: 'project-decode',
    constants: { ...constants, OUTPUT_AT: regions.routed, IS_ADDED: false, OUTPUT_SCALE: { float: 1 } },
    bindings: [token.buffer, router.buffer],
  });
  const gate = {
    kernel: 'gate-up-decode',
    constants: { ...constants, ...blockConstants(blocks[0]!), GATED_AT: regions.expertGated, IS_WEIGHTED: true },
    bindings: [token.buffer, gateUp.buffer],
  } as const;
  const add = {
    kernel: 'project-decode',
    constants: { ...constants, INPUT_AT: regions.expertGated, ...target },
    bindings: [token.buffer, down.buffer],
  } as const;
  return {
    gate: [route, routeRequest(plan, token, experts), matvecRequest('gateUp', gateUp, gate, { used, isApart: true })],
    addFed: [matvecRequest('down', down, add, { used, isApart: false })],
  };
}
