import { feedForward } from './feed-forward.ts';
import type { LayerBuffers, NormBuffer } from './gpu-buffers.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { StepRequest } from './kernel-library.ts';
import { letInRequests } from './layer-inputs-steps.ts';
import { type MixerContext, mixerRequests } from './mixer-steps.ts';
import type { Phase } from './phase.ts';
import type { Region } from './scratch-layout.ts';
import { normRequest, projection } from './shared-steps.ts';

/** The dispatches of a layer. With parallel blocks the feed-forward reads what was there before attention added to it. */
export function layerRequests(plan: GpuPlan, layer: LayerBuffers, phase: Phase): StepRequest[] {
  const { scratch } = phase;
  const { residualScale, isParallel } = plan.spec;
  const { regions } = scratch.layout;
  const norm = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, scratch, of, 'hidden', 'normed')];
  const inputOf = (of: NormBuffer | undefined): Region => (of === undefined ? 'hidden' : 'normed');
  const post = (of: NormBuffer | undefined) =>
    of === undefined ? [] : [normRequest(plan, scratch, of, 'added', 'hidden', residualScale)];
  const target = (of: NormBuffer | undefined) => ({
    OUTPUT_QUADS: plan.shape.hiddenStride / 4,
    ...(of === undefined
      ? { OUTPUT_AT: regions.hidden, IS_ADDED: true, OUTPUT_SCALE: { float: residualScale } }
      : { OUTPUT_AT: regions.added, IS_ADDED: false, OUTPUT_SCALE: { float: 1 } }),
  });
  const context: MixerContext = {
    plan,
    scratch,
    isChunk: phase.name === 'prefill',
    input: inputOf(layer.attentionNorm),
    into: target(layer.attentionPostNorm),
    project: projection(plan, phase),
  };
  const mixers = layer.mixers.map((mixer) => mixerRequests(context, mixer, phase.attention));
  const input = regions[inputOf(layer.feedForwardNorm)];
  const fed = feedForward(plan, layer, input, target(layer.feedForwardPostNorm), phase);
  const attend = [...norm(layer.attentionNorm), ...mixers.flatMap(({ mix }) => mix)];
  const addAttended = [...mixers.flatMap(({ add }) => add), ...post(layer.attentionPostNorm)];
  const gate = [...norm(layer.feedForwardNorm), ...fed.gate];
  const addFed = [...fed.addFed, ...post(layer.feedForwardPostNorm)];
  const letIn = letInRequests(plan, layer.layerInput, phase);
  return isParallel
    ? [...attend, ...gate, ...addAttended, ...addFed, ...letIn]
    : [...attend, ...addAttended, ...gate, ...addFed, ...letIn];
}
