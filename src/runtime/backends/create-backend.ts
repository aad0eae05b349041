import type { GgufFile } from '../../formats/gguf/types.ts';
import type { EngineReason, EngineTrial } from '../../protocol/index.ts';
import { type ByteSource, throwIfAborted } from '../../shared/index.ts';
import type { DecoderSpec } from '../architectures/index.ts';
import { type ChoiceMemory, chooseBackend, describeAdapter } from './choice/index.ts';
import { type CacheKind, type CpuBackendOptions, createCpuBackend, probeThreads } from './cpu/index.ts';
import type { DecoderBackend } from './decoder-backend.ts';
import { oncePresent } from './once-present.ts';
import { RenewingBackend } from './renewing-backend.ts';

/** A model, and who wants it where. */
export interface EngineRequest {
  readonly backend: 'auto' | 'cpu' | 'webgpu';
  readonly spec: DecoderSpec;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  readonly contextLength: number;
  readonly threads: number | undefined;
  /** `saving`: half the threads. */
  readonly power?: 'full' | 'saving' | undefined;
  /** How the CPU engine holds keys and values. */
  readonly cacheKind?: CacheKind | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (loadedBytes: number, totalBytes: number) => void;
  /** Told how many kernels the graphics driver has compiled, of how many. */
  readonly onCompiled?: ((doneKernels: number, totalKernels: number) => void) | undefined;
  /** Told why this engine was taken, and what a trial said where there was one, now or at an earlier load. */
  readonly onChoice: (reason: EngineReason, trial?: EngineTrial) => void;
  /** Told when the engine was made anew in the middle of an answer, and of what kind it is now. */
  readonly onRenewed: (kind: DecoderBackend['kind']) => void;
}

/** What earlier trials of thread counts said; a value is checked by whoever stores it. */
export interface ThreadMemory {
  read(key: string): Promise<number | undefined>;
  /** `most`: of how many `threads` did best. Fewer than all need not be believed for long: the machine may have been busy. */
  write(key: string, threads: number, most: number): Promise<void>;
}

/** What a device brings. */
export interface EngineTools {
  readonly createThread: CpuBackendOptions['createThread'];
  /** Most threads where the request names none: how many of them do best is tried once and remembered. */
  readonly threads: number;
  readonly threadMemory?: ThreadMemory | undefined;
  readonly memory: ChoiceMemory;
  /** Asks a graphics device for its clock: benchmarks only. */
  readonly wantsTimestamps?: boolean;
}

/** Loads a model on the engine that was asked for, or on the one that does better here. */
export async function createBackend(request: EngineRequest, tools: EngineTools): Promise<DecoderBackend> {
  const { backend, threads, power, onChoice, onCompiled, onProgress, onRenewed, ...model } = request;
  const { wantsTimestamps } = tools;
  const shareOf = (onShare: (share: number) => void) => (loaded: number, total: number) =>
    onShare(total === 0 ? 1 : loaded / total);
  const createCpu = (progress: typeof onProgress) => createOnCpu({ ...request, onProgress: progress }, tools);
  const createGpu = async (progress: typeof onProgress, cacheFormat?: 'f16' | 'f32') => {
    // Who runs on the CPU does not load the other engine.
    const { createWebGpuBackend } = await import('./webgpu/index.ts');
    const create = () =>
      createWebGpuBackend({ ...model, onCompiled, onProgress: progress, cacheFormat, wantsTimestamps });
    return new RenewingBackend(await create(), async (attempt) => {
      // A device that is lost twice in one answer will be lost again: the answer goes on without it.
      const engine = attempt === 1 ? await oncePresent(create) : await createCpu(() => {});
      onRenewed(engine.kind);
      return engine;
    });
  };
  if (backend !== 'auto') {
    onChoice('asked-for');
    return backend === 'cpu' ? createCpu(onProgress) : createGpu(onProgress);
  }
  const { gpu } = globalThis.navigator as { readonly gpu?: GPU };
  const { spec, source, contextLength } = model;
  const chosen = await chooseBackend({
    adapter: await describeAdapter(gpu),
    memory: tools.memory,
    model: `${spec.architecture}, ${source.size} bytes, ${contextLength} positions`,
    createCpu: (onShare) => createCpu(shareOf(onShare)),
    createGpu: (cacheFormat, onShare) => createGpu(shareOf(onShare), cacheFormat),
    onProgress: (share) => onProgress(Math.round(share * source.size), source.size),
    signal: model.signal,
  });
  onChoice(chosen.choice.reason, chosen.choice.trial);
  return chosen.backend;
}

/** Counts changes of the kernels after which other numbers of threads may do better. */
const KERNELS_VERSION = 2;

/** The CPU engine. Where the request names no number of threads, it begins with as many as did best here before. */
async function createOnCpu(request: EngineRequest, { createThread, threads, threadMemory }: EngineTools) {
  const { threads: asked, power, source } = request;
  const isSaving = power === 'saving';
  const most = isSaving ? Math.ceil((asked ?? threads) / 2) : (asked ?? threads);
  // What is best depends on the machine and, roughly, on the size of the model.
  const key = `threads, ${KERNELS_VERSION}, ${threads}, ${Math.round(Math.log2(source.size))}`;
  const memory = asked === undefined && threads > 1 ? threadMemory : undefined;
  const known = await memory?.read(key).catch(() => undefined);
  const backend = await createCpuBackend({ ...request, threads: most, createThread });
  if (known !== undefined) backend.useThreads?.(known);
  if (memory === undefined || known !== undefined || isSaving || backend.threads === 1) return backend;
  try {
    throwIfAborted(request.signal);
    await memory.write(key, await probeThreads(backend), backend.threads).catch(() => {});
    return backend;
  } catch (error) {
    backend.dispose();
    throw error;
  }
}
