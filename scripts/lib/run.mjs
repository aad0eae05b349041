import { spawn } from 'node:child_process';
import process from 'node:process';
import { ROOT } from './paths.mjs';

/**
 * How a child process ended.
 * @typedef {object} RunResult
 * @property {number} exitCode 124 when the time limit ended it, 128 when a signal did.
 * @property {string} output What it wrote, both streams together; empty when the output was passed through.
 */

/**
 * Runs a program in the repository root, without stdin.
 * Its whole process group ends with the time limit, so that no browser or server it started stays behind.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {{ passThrough?: boolean, timeoutMs?: number, environment?: Record<string, string>, shell?: boolean }} [options]
 * @returns {Promise<RunResult>}
 */
export function run(
  program,
  parameters,
  { passThrough = false, timeoutMs = 900_000, environment = {}, shell = false } = {},
) {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      stdio: ['ignore', passThrough ? 'inherit' : 'pipe', passThrough ? 'inherit' : 'pipe'],
      detached: process.platform !== 'win32',
      shell,
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child, 'SIGKILL');
    }, timeoutMs);
    const forward = (/** @type {NodeJS.Signals} */ signal) => endGroup(child, signal);
    process.on('SIGINT', forward).on('SIGTERM', forward);
    const finish = (/** @type {number} */ exitCode, note = '') => {
      clearTimeout(timer);
      process.off('SIGINT', forward).off('SIGTERM', forward);
      resolve({ exitCode, output: Buffer.concat(chunks).toString() + note });
    };
    child.on('error', (error) => finish(127, `${program}: ${error.message}\n`));
    child.on('close', (code) => {
      if (timedOut) finish(124, `ended after ${Math.round(timeoutMs / 1000)} s without finishing\n`);
      else finish(code ?? 128);
    });
  });
}

/**
 * Ends a child and everything it started.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/**
 * Runs a JavaScript program of node_modules with this Node ("vite/bin/vite.js").
 * @param {string} path Inside node_modules.
 * @param {readonly string[]} parameters
 * @param {Parameters<typeof run>[2]} [options]
 * @returns {Promise<RunResult>}
 */
export function runTool(path, parameters, options) {
  return run(process.execPath, [`node_modules/${path}`, ...parameters], options);
}
