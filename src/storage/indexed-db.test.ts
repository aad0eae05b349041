import 'fake-indexeddb/auto';
import { afterEach, expect, it, vi } from 'vitest';
import { openExpertTable } from './experts/expert-table.ts';
import { openSnapshotStore } from './snapshots/index.ts';

afterEach(() => vi.restoreAllMocks());

it.each(['SecurityError', 'InvalidStateError'])(
  'a browser that throws %s at the opening of a database has none',
  async (name) => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('denied', name);
    });
    expect(await openSnapshotStore()).toBeNull();
    const table = await openExpertTable();
    await table.write(new Map([['a', { version: 1 }]]));
    expect(await table.read('a')).toEqual({ version: 1 });
  },
);

it('any other fault is told by its code', async () => {
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
    throw new DOMException('broken', 'UnknownError');
  });
  await expect(openSnapshotStore()).rejects.toMatchObject({ code: 'storage-failed' });
  await expect(openExpertTable()).rejects.toMatchObject({ code: 'storage-failed' });
});
