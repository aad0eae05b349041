import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * Ids of all processes of the browser that runs on a profile.
 * @param {string} directory
 * @returns {Promise<number[]>}
 */
export async function processesOf(directory) {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,command='], { maxBuffer: 2 ** 24 });
  return stdout
    .split('\n')
    .filter((line) => line.includes(`--user-data-dir=${directory}`) && !line.includes('<defunct>'))
    .map((line) => Number.parseInt(line, 10));
}

/**
 * Ends the browser of a profile as a power cut would: no handler runs, nothing is flushed. Resolves when it is gone.
 * @param {string} directory
 */
export async function killBrowser(directory) {
  const ids = await processesOf(directory);
  for (const id of ids) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // It went with its parent.
    }
  }
  const killed = new Set(ids);
  while ((await processesOf(directory)).some((id) => killed.has(id))) await setTimeout(50);
}
