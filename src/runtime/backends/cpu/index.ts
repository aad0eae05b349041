export type { CacheKind } from './cache-kind.ts';
export { type ComputeThreadStart, runComputeThread } from './compute-thread.ts';
export { type CpuBackendOptions, createCpuBackend } from './create-cpu-backend.ts';
export { type CpuEncoderOptions, createCpuEncoder } from './encoder/index.ts';
export { probeThreads } from './probe-threads.ts';
export { chooseThreadCount } from './thread-count.ts';
export type { ComputeThread } from './thread-pool.ts';
