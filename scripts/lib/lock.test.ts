import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, test } from 'vitest';
import { takeLock, withLock } from './lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('bodies under one lock run one after the other, also after one failed', async () => {
  const lock = join(folder, 'a.lock');
  const events: string[] = [];
  const body = (name: string) => async () => {
    events.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    events.push(`${name} ends`);
    if (name === 'first') throw new Error('broken');
  };
  await Promise.allSettled([withLock(lock, body('first')), withLock(lock, body('second'))]);
  expect(events).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  expect(existsSync(lock)).toBe(false);
});

test('a lock of a process that is gone, or a spoiled one, is taken over', () => {
  const lock = join(folder, 'b.lock');
  writeFileSync(lock, '999999999');
  expect(takeLock(lock)).toBe(true);
  expect(takeLock(lock)).toBe(false);
  writeFileSync(lock, 'nonsense');
  expect(takeLock(lock)).toBe(true);
});

test('a lock that bears our own number, but that we did not take, is of a process long gone', () => {
  const lock = join(folder, 'c.lock');
  writeFileSync(lock, String(process.pid));
  expect(takeLock(lock)).toBe(true);
  expect(takeLock(lock)).toBe(false);
});

test('who waits for long is told for what', async () => {
  const lock = join(folder, 'd.lock');
  const told: string[] = [];
  writeFileSync(lock, String(process.ppid));
  const waiting = withLock(lock, async () => 'done', { patienceMs: 0, tell: (line) => told.push(line) });
  await expect.poll(() => told.length).toBe(1);
  expect(told[0]).toContain(lock);
  expect(told[0]).toContain(String(process.ppid));
  rmSync(lock);
  expect(await waiting).toBe('done');
  expect(told).toHaveLength(1);
});
