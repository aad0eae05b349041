import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

/**
 * Locks of this process: one that bears our number and is not among them was left by a process that had it before.
 * @type {Set<string>}
 */
const held = new Set();

/** How long to wait without a word. */
const PATIENCE_MS = 5_000;

/**
 * Takes a lock file, also from an owner that is gone. Whoever takes it gives it back with `releaseLock`.
 * @param {string} lock
 * @returns {boolean}
 */
export function takeLock(lock) {
  // Written first and then linked: nobody ever sees a lock without its owner's number in it.
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    const isTaken = tryLink(own, lock) || (isAbandoned(lock) && tryLink(own, lock));
    if (isTaken) held.add(lock);
    return isTaken;
  } finally {
    rmSync(own, { force: true });
  }
}

/** @param {string} lock One that this process took. */
export function releaseLock(lock) {
  held.delete(lock);
  rmSync(lock, { force: true });
}

/**
 * @param {string} own
 * @param {string} lock
 */
function tryLink(own, lock) {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    return codeOf(error) !== 'EEXIST' && tryCreate(lock);
  }
}

/**
 * For file systems without links. Another process may see the lock empty for a moment and take it for a spoiled one.
 * @param {string} lock
 */
function tryCreate(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/**
 * True when the owner is gone; the lock is then removed.
 * @param {string} lock
 */
function isAbandoned(lock) {
  const owner = readOwner(lock);
  // Given back just now: what lies there in a moment may be somebody's fresh lock.
  if (owner === null) return true;
  if (Number(owner) === process.pid ? held.has(lock) : isAlive(Number(owner))) return false;
  rmSync(lock, { force: true });
  return true;
}

/**
 * @param {string} lock
 * @returns {string | null} Null when there is no lock.
 */
function readOwner(lock) {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/**
 * Runs `body` while no other process of this machine runs one under the same lock. Who waits for long is told for whom:
 * after a crash the number in a lock may belong to a program that has nothing to do with it.
 * @template T
 * @param {string} lock
 * @param {() => Promise<T>} body
 * @param {{ patienceMs?: number, tell?: (line: string) => void }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(lock, body, { patienceMs = PATIENCE_MS, tell = console.error } = {}) {
  mkdirSync(dirname(lock), { recursive: true });
  const started = Date.now();
  let hasTold = false;
  while (!takeLock(lock)) {
    if (!hasTold && Date.now() - started >= patienceMs) {
      hasTold = true;
      tell(`Waiting for process ${readOwner(lock)}. If that is not Sotto, delete ${lock}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await body();
  } finally {
    releaseLock(lock);
  }
}
