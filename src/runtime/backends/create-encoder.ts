import type { GgufFile } from '../../formats/gguf/types.ts';
import type { EncoderReason, EngineTrial } from '../../protocol/index.ts';
import type { ByteSource } from '../../shared/index.ts';
import type { EncoderSpec } from '../architectures/index.ts';
import { type ChoiceMemory, describeAdapter, MovingEncoder } from './choice/index.ts';
import { type CpuEncoderOptions, createCpuEncoder } from './cpu/index.ts';
import type { EncoderBackend } from './encoder-backend.ts';
import { oncePresent } from './once-present.ts';
import { RenewingEncoder } from './renewing-encoder.ts';

/** An encoder, and who wants it where. */
export interface EncoderRequest {
  readonly backend: 'auto' | 'cpu' | 'webgpu';
  readonly spec: EncoderSpec;
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  /** Absent: the engine chooses. */
  readonly threads: number | undefined;
  readonly contextLength: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (loadedBytes: number, totalBytes: number) => void;
  /** Told how many kernels the graphics driver has compiled, of how many. */
  readonly onCompiled?: ((doneKernels: number, totalKernels: number) => void) | undefined;
  /** Told why this engine was taken, at once and whenever it changes, and what a trial said where there was one. */
  readonly onChoice: (reason: EncoderReason, trial?: EngineTrial) => void;
}

/** What a device brings. */
export interface EncoderTools {
  readonly createThread: CpuEncoderOptions['createThread'];
  /** Threads where the request names none. */
  readonly threads: number;
  readonly memory: ChoiceMemory;
}

/** Counts changes of the engines after which trials must be made again. */
const ENGINES_VERSION = 1;

/**
 * Loads an encoder on the engine that was asked for. `auto` begins on the CPU, which is ready at once, and moves to the GPU
 * where the work is worth it and a trial says so.
 */
export async function createEncoder(request: EncoderRequest, tools: EncoderTools): Promise<EncoderBackend> {
  const { backend, spec, gguf, source, contextLength, signal, onProgress, onCompiled, onChoice } = request;
  const { memory, createThread } = tools;
  const model = { spec, gguf, source, contextLength };
  const threads = request.threads ?? tools.threads;
  const loading = { signal, onProgress };
  const createCpu = (during: Partial<typeof loading>) =>
    createCpuEncoder({ ...model, ...during, threads, createThread });
  const createGpu = async (during: Partial<typeof loading>) => {
    // Who runs on the CPU does not load the other engine.
    const { createWebGpuEncoder } = await import('./webgpu/encoder/index.ts');
    return new RenewingEncoder(await createWebGpuEncoder({ ...model, ...during, onCompiled }), async (attempt) => {
      // A device that is lost twice in one call will be lost again: the rest is done without it.
      if (attempt === 1) return oncePresent(() => createWebGpuEncoder(model));
      const engine = await createCpu({});
      onChoice('gpu-failed');
      return engine;
    });
  };
  if (backend !== 'auto') {
    const engine = await (backend === 'cpu' ? createCpu(loading) : createGpu(loading));
    onChoice('asked-for');
    return engine;
  }
  const cpu = await createCpu(loading);
  const { gpu } = globalThis.navigator as { readonly gpu?: GPU };
  const adapter = await describeAdapter(gpu);
  if (adapter === undefined || adapter.isSoftware) {
    onChoice(adapter === undefined ? 'no-adapter' : 'software-adapter');
    return cpu;
  }
  const key = `encoder ${ENGINES_VERSION}, ${adapter.key}, ${spec.architecture}, ${source.size} bytes`;
  const known = await memory.read(key).catch(() => undefined);
  if (known?.engine === 'cpu') {
    onChoice(known.reason, known.trial);
    return cpu;
  }
  onChoice('little-work');
  return new MovingEncoder({
    cpu,
    createGpu: (during) => createGpu(during === undefined ? {} : { signal: during }),
    onTried: (reason, trial) => {
      onChoice(reason, trial);
      // That it was better once is tried again each time; that it was not need not be.
      if (reason === 'gpu-faster' || reason === 'gpu-failed') return;
      void memory.write(key, { engine: 'cpu', reason, ...(trial === undefined ? {} : { trial }) }).catch(() => {});
    },
  });
}
