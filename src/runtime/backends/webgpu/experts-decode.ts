import { expertConstants, routeRequest } from './expert-requests.ts';
import type { FeedForwardSteps } from './feed-forward.ts';
import type { ExpertsBuffers, GpuBuffers } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import { matvecRequest } from './matvec-request.ts';
import { blockConstants } from './model-constants.ts';

/** The experts of a layer for one token. */
export function expertsDecode(
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
  } as const;
  const add = {
    kernel: 'project-decode',
    constants: { ...constants, INPUT_AT: regions.expertGated, WEIGHS_BIAS: true, ...target },
  } as const;
  return {
    gate: [
      route,
      routeRequest(plan, token, experts),
      ...gateUp.map((upload) =>
        matvecRequest('gateUp', upload, { ...gate, bindings: [token.buffer, upload.buffer] }, { used, isApart: true }),
      ),
    ],
    // What experts in a second buffer give comes on top.
    addFed: down.map((upload, index) => {
      const constants = index === 0 ? add.constants : { ...add.constants, IS_ADDED: true };
      const request = { ...add, constants, bindings: [token.buffer, upload.buffer] };
      return matvecRequest('down', upload, request, { used, isApart: false });
    }),
  };
}
