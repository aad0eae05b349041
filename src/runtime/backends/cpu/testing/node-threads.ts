import { Worker } from 'node:worker_threads';
import type { ComputeThread } from '../thread-pool.ts';

/** What workers/compute.worker.ts does, in a thread of Node's. */
const COMPUTE = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', ({ module, memory, thread }) =>
    new WebAssembly.Instance(module, { env: { memory } }).exports.compute(thread));
`;
export const createNodeThread = (): ComputeThread => {
  const worker = new Worker(COMPUTE, { eval: true });
  return {
    postMessage: (start) => worker.postMessage(start),
    terminate: () => void worker.terminate(),
    addEventListener: (type, listener) => void worker.on(type, (error) => listener(error as Event)),
  };
};
