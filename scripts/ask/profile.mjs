import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { CACHE } from '../lib/paths.mjs';

/**
 * A browser profile for this process alone. Chromium lets one browser use a profile at a time, so runs side by side
 * get numbered ones; the first is kept, so that weights stay where they are between runs.
 * @param {string} [parent]
 * @returns {{ directory: string, release: () => void }}
 */
export function takeProfile(parent = CACHE) {
  mkdirSync(parent, { recursive: true });
  for (let number = 1; ; number += 1) {
    const directory = join(parent, `ask-profile-${number}`);
    const lock = `${directory}.lock`;
    if (!takeLock(lock)) continue;
    return {
      directory,
      release: () => {
        // Further profiles would only pile up copies of the weights.
        if (number > 1) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
        rmSync(lock, { force: true });
      },
    };
  }
}

/**
 * Takes a lock file, also from an owner that is gone.
 * @param {string} lock
 * @returns {boolean}
 */
function takeLock(lock) {
  for (const _attempt of [1, 2]) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return true;
    } catch {
      if (isAlive(Number(readOwner(lock)))) return false;
      rmSync(lock, { force: true });
    }
  }
  return false;
}

/** @param {string} lock */
function readOwner(lock) {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
