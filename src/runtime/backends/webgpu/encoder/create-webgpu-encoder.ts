import type { GgufFile } from '../../../../formats/gguf/types.ts';
import { type ByteSource, throwIfAborted } from '../../../../shared/index.ts';
import type { EncoderSpec } from '../../../architectures/index.ts';
import { checkCount } from '../../check-count.ts';
import { type EncoderBackend, LONGEST_TEXT } from '../../encoder-backend.ts';
import { padEncoder } from '../../pad-encoder.ts';
import { addedRows } from '../../read-table.ts';
import { RequantisationLog } from '../../requantisation-log.ts';
import { layerUploads } from '../gpu-buffers.ts';
import { type GpuDevice, type OpenGpuOptions, openGpuDevice } from '../gpu-device.ts';
import { KernelLibrary } from '../kernel-library.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { normVectors, uploadVectors } from '../upload-vectors.ts';
import { fileRowBytes, uploadWeights } from '../weights/index.ts';
import { createEncoderBuffers, type EncoderBuffers } from './encoder-buffers.ts';
import { GPU_ENCODER_STEPS, type GpuEncoderPlan, planGpuEncoder } from './encoder-plan.ts';
import { createEncoderSteps } from './encoder-steps.ts';
import { WebGpuEncoder } from './webgpu-encoder.ts';

export interface WebGpuEncoderOptions extends Pick<OpenGpuOptions, 'gpu' | 'defaultLimits'> {
  readonly spec: EncoderSpec;
  readonly gguf: GgufFile;
  /** The bytes of the same file. */
  readonly source: ByteSource;
  /** Most tokens of one text; absent: the model's own limit, up to `LONGEST_TEXT`. */
  readonly contextLength?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Told how many kernels are compiled, of how many. */
  readonly onCompiled?: ((doneKernels: number, totalKernels: number) => void) | undefined;
}

/**
 * Uploads an encoder to the GPU, its weights as the file holds them, and compiles its kernels.
 *
 * Throws `backend-unavailable` (no WebGPU, no adapter, limits too low, a kernel that does not compile), `model-unsupported`
 * (block type or shape), `invalid-option` (context length), `gpu-out-of-memory`, `device-lost`, whatever the source throws,
 * or an AbortError. Nothing stays behind then.
 */
export async function createWebGpuEncoder(options: WebGpuEncoderOptions): Promise<EncoderBackend> {
  const { spec, signal } = options;
  throwIfAborted(signal);
  const contextLength = options.contextLength ?? Math.min(spec.contextLength, LONGEST_TEXT);
  checkCount('contextLength', contextLength, spec.contextLength);
  const gpu = await openGpuDevice(options);
  try {
    const file = await padEncoder(options, GPU_ENCODER_STEPS, signal);
    return await build(gpu, contextLength, { ...options, ...file });
  } catch (error) {
    gpu.dispose();
    throw error;
  }
}

async function build(gpu: GpuDevice, contextLength: number, options: WebGpuEncoderOptions): Promise<EncoderBackend> {
  const { spec, gguf, source, signal } = options;
  throwIfAborted(signal);
  const plan = planGpuEncoder(spec, contextLength, gpu.device.limits);
  const added = paddedRows(await addedRows(spec, { gguf, source, signal }), spec.hiddenSize, plan.shape.hiddenStride);
  const buffers = await gpu.guard('Making room for the encoder', () => createEncoderBuffers(gpu, plan, added));
  const library = new KernelLibrary(gpu, options.onCompiled);
  // The driver compiles while the file is read.
  return gpu.guard('Preparing the encoder', async () => {
    const steps = createEncoderSteps(library, plan, buffers);
    steps.catch(() => {});
    if (added.length > 0) gpu.device.queue.writeBuffer(buffers.added, 0, added);
    await loadEncoder(gpu, plan, buffers, options);
    return new WebGpuEncoder({ gpu, plan, buffers, steps: await unlessAborted(steps, signal) });
  });
}

/** Rows as the kernels step through them. */
function paddedRows(rows: Float32Array, width: number, stride: number): Float32Array<ArrayBuffer> {
  const padded = new Float32Array((rows.length / width) * stride);
  for (let row = 0; row * width < rows.length; row++) {
    padded.set(rows.subarray(row * width, (row + 1) * width), row * stride);
  }
  return padded;
}

async function loadEncoder(
  gpu: GpuDevice,
  plan: GpuEncoderPlan,
  buffers: EncoderBuffers,
  { gguf, source, signal, onProgress }: WebGpuEncoderOptions,
): Promise<void> {
  const uploads = [...buffers.embedding, ...buffers.layers.flatMap(layerUploads), ...buffers.projections];
  const total = uploads.reduce(
    (sum, { matrix, rows }) =>
      sum +
      matrix.parts.reduce(
        (bytes, { weight }) =>
          bytes + (matrix.parts.length === 1 ? rows : weight.rows) * fileRowBytes(weight.type, weight.columns),
        0,
      ),
    0,
  );
  let loaded = 0;
  const onBytes = (bytes: number) => {
    loaded += bytes;
    onProgress?.(loaded, total);
  };
  await uploadVectors(gpu, plan, buffers, { gguf, source, signal });
  if (buffers.embeddingNorm !== undefined) {
    const values = await normVectors(buffers.embeddingNorm, plan.shape.hiddenStride, { gguf, source, signal });
    gpu.device.queue.writeBuffer(buffers.embeddingNorm.buffer, 0, values);
  }
  await uploadWeights(uploads, { gpu, gguf, source, signal, onBytes, log: new RequantisationLog() });
  await gpu.idle();
}
