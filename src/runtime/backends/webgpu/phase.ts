import type { FeedForwardSteps } from './feed-forward.ts';
import type { ExpertsBuffers, MixerBuffers, ScratchBuffer } from './gpu-buffers.ts';
import type { StepRequest } from './kernel-library.ts';
import type { ShaderConstants } from './kernel-sources.ts';
import type { MatrixRole } from './matrix-tuning.ts';
import type { AttentionShape } from './mixer-shapes.ts';
import type { MixerContext, MixerRequests } from './mixer-steps.ts';
import type { WeightUpload } from './weights/index.ts';

/** What differs between the dispatches of one token and those of a chunk of them. */
export interface Phase {
  readonly name: 'decode' | 'prefill';
  readonly scratch: ScratchBuffer;
  readonly multiply: (
    role: MatrixRole,
    upload: WeightUpload,
    request: Omit<StepRequest, 'workgroups' | 'format'>,
  ) => StepRequest;
  readonly attention: (context: MixerContext, mixer: MixerBuffers<AttentionShape>) => MixerRequests;
  /** `layer` is what all kernels of the layer know, `target` where results go. */
  readonly experts: (experts: ExpertsBuffers, layer: ShaderConstants, target: ShaderConstants) => FeedForwardSteps;
}
