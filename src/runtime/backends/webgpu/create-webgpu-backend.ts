import type { GgufFile } from '../../../formats/gguf/types.ts';
import { abortError, type ByteSource, SottoError, throwIfAborted } from '../../../shared/index.ts';
import type { DecoderSpec, VectorSpec } from '../../architectures/index.ts';
import type { DecoderBackend } from '../decoder-backend.ts';
import { type PlainDecoder, plainDecoder } from '../plain-decoder.ts';
import { readVector } from '../read-vector.ts';
import { candidateCount, createDecodeSteps } from './decode-steps.ts';
import { createBuffers, type GpuBuffers } from './gpu-buffers.ts';
import { type GpuDevice, type GpuEntry, openGpuDevice } from './gpu-device.ts';
import { planGpu } from './gpu-plan.ts';
import { KernelLibrary } from './kernel-library.ts';
import { createPrefillSteps } from './prefill-steps.ts';
import { ropeAngles } from './rope-angles.ts';
import { WebGpuBackend } from './webgpu-backend.ts';
import { uploadWeights, type WeightUpload } from './weights/index.ts';

export interface WebGpuBackendOptions {
  readonly spec: DecoderSpec;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  /** Tokens the KV cache can hold. */
  readonly contextLength: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((loadedBytes: number, totalBytes: number) => void) | undefined;
  /** Absent: `navigator.gpu`. */
  readonly gpu?: GpuEntry | undefined;
  /** Takes WebGPU's guaranteed limits instead of the adapter's. */
  readonly defaultLimits?: boolean | undefined;
}

/**
 * Uploads a model to the GPU and compiles its kernels: after this nothing is compiled or allocated for an
 * answer (only `logits: 'all'`, which measures, makes its own at the first call).
 *
 * Throws `backend-unavailable` (no WebGPU, no adapter, limits too low, a kernel that does not compile),
 * `model-unsupported` (block type or shape), `invalid-option` (context length), `gpu-out-of-memory`, `device-lost`,
 * whatever the source throws, or an AbortError. Nothing stays behind then.
 */
export async function createWebGpuBackend(options: WebGpuBackendOptions): Promise<DecoderBackend> {
  const { spec, contextLength, signal } = options;
  throwIfAborted(signal);
  if (!Number.isInteger(contextLength) || contextLength < 1 || contextLength > spec.contextLength) {
    const message = `contextLength must be a whole number from 1 to ${spec.contextLength}, not ${contextLength}.`;
    throw new SottoError('invalid-option', message, { details: { option: 'contextLength', most: spec.contextLength } });
  }
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
  const spec = plainDecoder(options.spec, 'GPU');
  const plan = planGpu(spec, options.contextLength, gpu.device.limits);
  const buffers = await gpu.guard('Making room for the model', () => createBuffers(gpu, plan, candidateCount(plan)));
  const library = new KernelLibrary(gpu);
  // The driver compiles while the file is read.
  return gpu.guard('Preparing the model', async () => {
    const steps = Promise.all([createDecodeSteps(library, plan, buffers), createPrefillSteps(library, plan, buffers)]);
    steps.catch(() => {});
    await loadModel(gpu, spec, buffers, options);
    const [decode, prefill] = await unlessAborted(steps, options.signal);
    return new WebGpuBackend({ gpu, plan, buffers, library, decode, prefill });
  });
}

/** Compiling cannot be stopped, but nobody has to wait for it. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  throwIfAborted(signal);
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(abortError());
    signal?.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

async function loadModel(
  gpu: GpuDevice,
  spec: PlainDecoder,
  buffers: GpuBuffers,
  options: WebGpuBackendOptions,
): Promise<void> {
  const { gguf, source, signal, onProgress } = options;
  const uploads = uploadsOf(buffers);
  const names = new Set(uploads.flatMap(({ matrix }) => matrix.parts.map(({ weight }) => weight.name)));
  const vectors = vectorsOf(spec, buffers);
  for (const [vector] of vectors) names.add(vector.name);
  let total = 0;
  for (const name of names) total += gguf.tensors.get(name)?.byteLength ?? 0;
  let loaded = 0;
  const onBytes = (bytes: number) => {
    loaded += bytes;
    onProgress?.(loaded, total);
  };
  const { queue } = gpu.device;
  for (const [vector, buffer] of vectors) {
    const values = await readVector(vector, options);
    queue.writeBuffer(buffer, 0, values);
    onBytes(values.byteLength);
  }
  const factors = spec.rope.factors === undefined ? undefined : await readVector(spec.rope.factors, options);
  queue.writeBuffer(buffers.rope, 0, ropeAngles(spec.rope, factors, options.contextLength));
  await uploadWeights(uploads, { gpu, gguf, source, signal, onBytes });
  await gpu.idle();
}

function uploadsOf(buffers: GpuBuffers): readonly WeightUpload[] {
  const tables = buffers.head === buffers.embedding ? buffers.embedding : [...buffers.embedding, ...buffers.head];
  return [...tables, ...buffers.layers.flatMap(({ qkv, output, gateUp, down }) => [qkv, output, gateUp, down])];
}

function vectorsOf(spec: PlainDecoder, buffers: GpuBuffers): readonly (readonly [VectorSpec, GPUBuffer])[] {
  const norms = spec.layers.flatMap((layer, index) => {
    const { attentionNorm, feedForwardNorm } = buffers.layers[index]!;
    return [
      [layer.attentionNorm, attentionNorm],
      [layer.feedForwardNorm, feedForwardNorm],
    ] as const;
  });
  return [[spec.finalNorm, buffers.finalNorm] as const, ...norms];
}
