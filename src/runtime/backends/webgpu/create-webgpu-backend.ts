import type { GgufFile } from '../../../formats/gguf/types.ts';
import { type ByteSource, throwIfAborted } from '../../../shared/index.ts';
import type { DecoderSpec, WeightSpec } from '../../architectures/index.ts';
import { checkCount } from '../check-count.ts';
import type { DecoderBackend } from '../decoder-backend.ts';
import { RequantisationLog } from '../requantisation-log.ts';
import { candidateCount, createDecodeSteps } from './decode-steps.ts';
import { createBuffers, type GpuBuffers, uploadsOf } from './gpu-buffers.ts';
import { type GpuDevice, type GpuEntry, openGpuDevice } from './gpu-device.ts';
import { type GpuPlan, planGpu } from './gpu-plan.ts';
import { KernelLibrary } from './kernel-library.ts';
import type { CacheFormat } from './kernel-sources.ts';
import { compileHeadPrefill, createPrefillSteps } from './prefill-steps.ts';
import { TextState } from './text-state.ts';
import { unlessAborted } from './unless-aborted.ts';
import { uploadVectors } from './upload-vectors.ts';
import { WebGpuBackend } from './webgpu-backend.ts';
import { fileRowBytes, partsIn, uploadWeights, type WeightUpload } from './weights/index.ts';

export interface WebGpuBackendOptions {
  readonly spec: DecoderSpec;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  /** Tokens the KV cache can hold. */
  readonly contextLength: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Told how many kernels are compiled, of how many. */
  readonly onCompiled?: ((doneKernels: number, totalKernels: number) => void) | undefined;
  /** Absent: `navigator.gpu`. */
  readonly gpu?: GpuEntry | undefined;
  /** How keys and values are stored: in halves where not said, which takes half the memory and is faster. */
  readonly cacheFormat?: CacheFormat | undefined;
  /** Takes WebGPU's guaranteed limits instead of the adapter's. */
  readonly defaultLimits?: boolean | undefined;
  /** Asks for the device's clock, where there is one, for `profile`. */
  readonly wantsTimestamps?: boolean | undefined;
}

/**
 * Uploads a model to the GPU and compiles its kernels: after this nothing is compiled or allocated for an
 * answer (only `logits: 'all'`, which few callers want, makes its buffers at the first call).
 *
 * Throws `backend-unavailable` (no WebGPU, no adapter, limits too low, a kernel that does not compile),
 * `model-unsupported` (block type or shape), `invalid-option` (context length), `gpu-out-of-memory`, `device-lost`,
 * whatever the source throws, or an AbortError. Nothing stays behind then.
 */
export async function createWebGpuBackend(options: WebGpuBackendOptions): Promise<DecoderBackend> {
  const { spec, contextLength, signal } = options;
  throwIfAborted(signal);
  checkCount('contextLength', contextLength, spec.contextLength);
  const gpu = await openGpuDevice(options);
  try {
    return await buildBackend(gpu, options);
  } catch (error) {
    gpu.dispose();
    throw error;
  }
}

async function buildBackend(gpu: GpuDevice, options: WebGpuBackendOptions): Promise<DecoderBackend> {
  throwIfAborted(options.signal);
  const plan = planGpu(options.spec, options.contextLength, gpu.device.limits, options.cacheFormat);
  const log = new RequantisationLog();
  const buffers = await gpu.guard('Making room for the model', () => createBuffers(gpu, plan, candidateCount(plan)));
  const library = new KernelLibrary(gpu, options.onCompiled);
  // The driver compiles while the file is read.
  return gpu.guard('Preparing the model', async () => {
    const steps = Promise.all([
      createDecodeSteps(library, plan, buffers),
      createPrefillSteps(library, plan, buffers),
      compileHeadPrefill(library, plan, buffers),
    ]);
    steps.catch(() => {});
    await loadModel(gpu, plan, buffers, log, options);
    const [decode, prefill] = await unlessAborted(steps, options.signal);
    const state = new TextState({ gpu, plan, buffers });
    return new WebGpuBackend({ gpu, plan, buffers, library, decode, prefill, state, requantised: log.summary() });
  });
}

async function loadModel(
  gpu: GpuDevice,
  plan: GpuPlan,
  buffers: GpuBuffers,
  log: RequantisationLog,
  options: WebGpuBackendOptions,
): Promise<void> {
  const { gguf, source, signal, onProgress } = options;
  const uploads = uploadsOf(buffers);
  let total = 0;
  for (const upload of uploads) for (const { weight } of partsIn(upload)) total += bytesOf(weight, upload);
  let loaded = 0;
  const onBytes = (bytes: number) => {
    loaded += bytes;
    onProgress?.(loaded, total);
  };
  await uploadVectors(gpu, plan, buffers, options);
  await uploadWeights(uploads, { gpu, gguf, source, signal, onBytes, log });
  await gpu.idle();
}

/** A table's parts bring their own rows, a layer's matrix all rows of all its tensors. */
function bytesOf(weight: WeightSpec, { matrix, rows }: WeightUpload): number {
  return (matrix.parts.length === 1 ? rows : weight.rows) * fileRowBytes(weight.type, weight.columns);
}
