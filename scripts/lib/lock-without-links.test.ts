import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { releaseLock, takeLock } from './lock.mjs';

// Some file systems (exFAT, shared folders of virtual machines) have no hard links.
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  linkSync: () => {
    throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
  },
}));

const folder = mkdtempSync(join(tmpdir(), 'sotto-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a lock is taken once and can be given back where the file system has no links', () => {
  const lock = join(folder, 'a.lock');
  expect(takeLock(lock)).toBe(true);
  expect(takeLock(lock)).toBe(false);
  releaseLock(lock);
  expect(existsSync(lock)).toBe(false);
  expect(takeLock(lock)).toBe(true);
});
