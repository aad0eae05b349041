import { instantiateEngine } from './engine-module.ts';

/** What a compute thread is sent, once. */
export interface ComputeThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** 1 or more; 0 is the driver. */
  readonly thread: number;
}

/** A compute thread's life. Blocks its event loop from here on: it can only be terminated, or told to exit in memory. */
export async function runComputeThread(start: ComputeThreadStart): Promise<void> {
  const exports = await instantiateEngine(start.module, start.memory);
  exports.compute(start.thread);
}
