import { createStore, get, set } from 'idb-keyval';

const ENGINES = ['webgpu-f16', 'webgpu-f32', 'cpu'] as const;
const REASONS = ['gpu-faster', 'cpu-faster', 'gpu-wrong'] as const;

/** What is kept of a trial. */
export interface EngineChoiceRecord {
  readonly engine: (typeof ENGINES)[number];
  readonly reason: (typeof REASONS)[number];
  /** Milliseconds a token, on each engine. */
  readonly trial?: { readonly cpuMs: number; readonly gpuMs: number };
}

/**
 * Trials in IndexedDB. Reading gives undefined for what is not there or makes no sense; both reject where storage fails, also where
 * the browser throws at the mere opening of a database.
 */
export function engineChoices() {
  const store = createStore('sotto-engine-choices', 'choices');
  return {
    read: async (key: string): Promise<EngineChoiceRecord | undefined> => readRecord(await get<unknown>(key, store)),
    write: async (
      key: string,
      {
        engine,
        reason,
        trial,
      }: Pick<EngineChoiceRecord, 'trial'> & { readonly engine: string; readonly reason: string },
    ): Promise<void> => set(key, { engine, reason, trial }, store),
  };
}

function readRecord(value: unknown): EngineChoiceRecord | undefined {
  if (typeof value !== 'object' || value === null || !('engine' in value) || !('reason' in value)) return undefined;
  const engine = ENGINES.find((name) => name === value.engine);
  const reason = REASONS.find((name) => name === value.reason);
  if (engine === undefined || reason === undefined) return undefined;
  const trial = 'trial' in value ? readTrial(value.trial) : undefined;
  return { engine, reason, ...(trial === undefined ? {} : { trial }) };
}

function readTrial(value: unknown): EngineChoiceRecord['trial'] {
  const { cpuMs, gpuMs } = (value ?? {}) as Partial<Record<'cpuMs' | 'gpuMs', unknown>>;
  const isTime = (time: unknown): time is number => typeof time === 'number' && time > 0 && Number.isFinite(time);
  return isTime(cpuMs) && isTime(gpuMs) ? { cpuMs, gpuMs } : undefined;
}
