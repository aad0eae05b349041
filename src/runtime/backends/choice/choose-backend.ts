import type { EngineReason, EngineTrial } from '../../../protocol/index.ts';
import { isAbortError, SottoError, throwIfAborted } from '../../../shared/index.ts';
import type { DecoderBackend } from '../decoder-backend.ts';
import type { AdapterFacts } from './adapter.ts';
import { isEngineFault } from './engine-faults.ts';
import { agrees, type Trial, tryBackend } from './trial.ts';

/** A rung of the ladder, and how it came to be taken. */
export interface EngineChoice {
  readonly engine: 'webgpu-f16' | 'webgpu-f32' | 'cpu';
  readonly reason: EngineReason;
  /** What the trial measured, where both engines came to its end. */
  readonly trial?: EngineTrial;
}

/** What earlier trials said; a value is checked by whoever stores it. */
export interface ChoiceMemory {
  read(key: string): Promise<EngineChoice | undefined>;
  write(key: string, choice: EngineChoice): Promise<void>;
}

export interface ChooseOptions {
  readonly adapter: AdapterFacts | undefined;
  readonly memory: ChoiceMemory;
  /** Names the model, as far as speed depends on it. */
  readonly model: string;
  readonly createCpu: (onProgress: (share: number) => void) => Promise<DecoderBackend>;
  readonly createGpu: (cacheFormat: 'f16' | 'f32', onProgress: (share: number) => void) => Promise<DecoderBackend>;
  /** Of the whole load, trials included. */
  readonly onProgress: (share: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Counts changes of the engines after which trials must be made again. */
const ENGINES_VERSION = 1;

/**
 * The engine for a model where nobody has named one. A first load tries both: one after the other, so that two copies of the
 * weights never lie in memory together. Rejects with what the CPU engine rejects with, or AbortError.
 */
export async function chooseBackend(
  options: ChooseOptions,
): Promise<{ backend: DecoderBackend; choice: EngineChoice }> {
  const { adapter, memory, model, createCpu, createGpu, onProgress } = options;
  const onCpu = async (reason: EngineReason, trial?: EngineTrial) => ({
    backend: await createCpu(onProgress),
    choice: { engine: 'cpu', reason, ...(trial === undefined ? {} : { trial }) } as const,
  });
  if (adapter === undefined) return onCpu('no-adapter');
  if (adapter.isSoftware) return onCpu('software-adapter');
  const key = `${ENGINES_VERSION}, ${adapter.key}, ${model}`;
  const known = await memory.read(key).catch(() => undefined);
  if (known?.engine === 'cpu') return onCpu(known.reason, known.trial);
  if (known !== undefined) {
    const cacheFormat = known.engine === 'webgpu-f16' ? 'f16' : 'f32';
    const backend = await unlessItFails(createGpu(cacheFormat, onProgress));
    return backend === undefined ? onCpu('gpu-failed') : { backend, choice: known };
  }
  const { choice, backend } = await tryBoth(options);
  // A device that was merely full, or lost, may do better another time.
  if (choice.reason !== 'gpu-failed') await memory.write(key, choice).catch(() => {});
  return backend === undefined ? onCpu(choice.reason, choice.trial) : { backend, choice };
}

/** The engine comes along where it is still loaded: the one on the GPU. */
async function tryBoth(options: ChooseOptions): Promise<{ choice: EngineChoice; backend?: DecoderBackend }> {
  const { createCpu, createGpu, onProgress, signal } = options;
  const cpu = await createCpu((share) => onProgress(share / 2));
  let expected: Trial;
  try {
    expected = await tryBackend(cpu, signal);
  } finally {
    cpu.dispose();
  }
  for (const cacheFormat of ['f16', 'f32'] as const) {
    throwIfAborted(signal);
    const gpu = await unlessItFails(createGpu(cacheFormat, (share) => onProgress(0.5 + share / 2)));
    if (gpu === undefined) return { choice: { engine: 'cpu', reason: 'gpu-failed' } };
    const trial = await unlessItFails(tryBackend(gpu, signal));
    if (trial !== undefined && agrees(trial, expected)) {
      const figures = { cpuMs: expected.milliseconds, gpuMs: trial.milliseconds };
      if (figures.gpuMs <= figures.cpuMs) {
        return { choice: { engine: `webgpu-${cacheFormat}`, reason: 'gpu-faster', trial: figures }, backend: gpu };
      }
      gpu.dispose();
      return { choice: { engine: 'cpu', reason: 'cpu-faster', trial: figures } };
    }
    gpu.dispose();
  }
  return { choice: { engine: 'cpu', reason: 'gpu-wrong' } };
}

/** Undefined for every fault of the engine itself; aborts, and faults of the file, go on to the caller. */
async function unlessItFails<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (!isAbortError(error) && SottoError.isInstance(error) && isEngineFault(error)) return undefined;
    throw error;
  }
}
