import type { RequantisedWeights } from '../decoder-backend.ts';
import type { DecodeSteps } from './decode-steps.ts';
import type { GpuBuffers } from './gpu-buffers.ts';
import type { GpuDevice } from './gpu-device.ts';
import type { GpuPlan } from './gpu-plan.ts';
import type { KernelLibrary, KernelStep } from './kernel-library.ts';
import type { TextState } from './text-state.ts';

/** A model on the GPU with its commands: all there is by the time a backend exists. Adapters change buffers and commands. */
export interface LoadedDecoder {
  readonly gpu: GpuDevice;
  readonly plan: GpuPlan;
  buffers: GpuBuffers;
  readonly library: KernelLibrary;
  decode: DecodeSteps;
  prefill: readonly KernelStep[];
  readonly state: TextState;
  readonly requantised: readonly RequantisedWeights[];
}
