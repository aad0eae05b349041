import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { ROOT } from '../lib/paths.mjs';

/** Names a Python that has llama_cpp, where `python3` has not. */
const VARIABLE = 'SOTTO_BENCH_PYTHON';

/**
 * Native llama.cpp, through llama-cpp-python; null where there is none.
 * @param {string} modelFile
 * @returns {Promise<import('./engine.mjs').Engine & { close: () => void } | null>}
 */
export async function openNative(modelFile) {
  const script = join(ROOT, 'scripts/bench/native.py');
  const child = spawn(process.env[VARIABLE] ?? 'python3', [script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const answer = async () => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error('native llama.cpp ended');
    return JSON.parse(value);
  };
  const ask = (/** @type {object} */ message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    return answer();
  };
  const isThere = await answer().catch(() => null);
  if (isThere === null) return null;
  return {
    name: 'native',
    page: null,
    processId: child.pid ?? null,
    emptyPageBytes: null,
    load: (options) => ask({ load: { model: join(ROOT, modelFile), ...options } }),
    complete: (request) => ask({ complete: request }),
    unload: async () => {},
    stop: () => void child.kill('SIGKILL'),
    close: () => void child.kill(),
  };
}
