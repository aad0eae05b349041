import { type ComputeThreadStart, runComputeThread } from '../src/runtime/backends/cpu/index.ts';

/** One compute thread of the CPU engine: it gets its module and memory in one message and never returns from them. */
addEventListener(
  'message',
  // A rejection would stay in this thread; a reported error reaches the pool that waits for it.
  ({ data }: MessageEvent<ComputeThreadStart>) => void runComputeThread(data).catch(reportError),
  { once: true },
);
