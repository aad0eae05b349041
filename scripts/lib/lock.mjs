import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';

/**
 * Takes a lock file, also from an owner that is gone. Whoever takes it deletes it.
 * @param {string} lock
 * @returns {boolean}
 */
export function takeLock(lock) {
  // Written first and then linked: nobody ever sees a lock without its owner's number in it.
  const own = `${lock}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    return tryLink(own, lock) || (isAbandoned(lock) && tryLink(own, lock));
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * @param {string} own
 * @param {string} lock
 */
function tryLink(own, lock) {
  try {
    linkSync(own, lock);
    return true;
  } catch {
    return false;
  }
}

/**
 * True when the owner is gone; the lock is then removed.
 * @param {string} lock
 */
function isAbandoned(lock) {
  if (isAlive(Number(readOwner(lock)))) return false;
  rmSync(lock, { force: true });
  return true;
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

/**
 * Runs `body` while no other process of this machine runs one under the same lock.
 * @template T
 * @param {string} lock
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withLock(lock, body) {
  mkdirSync(dirname(lock), { recursive: true });
  while (!takeLock(lock)) await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    return await body();
  } finally {
    rmSync(lock, { force: true });
  }
}
