import { type ComputeThreadStart, runComputeThread } from '../src/runtime/backends/cpu/index.ts';

/** One compute thread of the CPU engine: it gets its module and memory in one message and never returns from them. */
addEventListener('message', ({ data }: MessageEvent<ComputeThreadStart>) => void runComputeThread(data), {
  once: true,
});
