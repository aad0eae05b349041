import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RecordCodec } from '../records/index.ts';
import { openSnapshotStore, type Snapshot, type SnapshotStore } from './index.ts';

const snapshot = (seed: number, changes: Partial<Snapshot> = {}): Snapshot => ({
  binding: 'model a',
  name: `text ${seed}`,
  model: 'A',
  tokens: Int32Array.from({ length: 100 }, (_, index) => seed * 1_000 + index),
  pages: [new Uint8Array(400).fill(seed), new Uint8Array(400).fill(seed + 1)],
  ...changes,
});
const BYTES = 800 + 400;

let store: SnapshotStore;
const open = async (options: { codec?: RecordCodec; mostBytes?: number } = {}) => (await openSnapshotStore(options))!;

beforeEach(async () => {
  store = await open();
  await store.clear();
});

/** Changes a stored row behind the store's back. */
async function tamper(table: 'heads' | 'bodies', id: string, change: (row: never) => unknown): Promise<void> {
  const database = await openDB('sotto-snapshots');
  await database.put(table, change((await database.get(table, id)) as never), id);
  database.close();
}

describe('snapshots', () => {
  it('come back as they were written, after a reload too', async () => {
    const written = await store.write(snapshot(1));
    store.close();
    store = await open();
    expect(await store.read(written.id)).toEqual(snapshot(1));
    expect(await store.list()).toEqual([written]);
    expect(written).toMatchObject({ name: 'text 1', tokens: 100, bytes: BYTES });
  });

  it('belong to their binding', async () => {
    const { id } = await store.write(snapshot(1));
    await store.write(snapshot(1, { binding: 'model b' }));
    expect(await store.heads('model a')).toEqual(
      [{ ...snapshot(1), pages: undefined, id }].map(({ pages: _, ...head }) => head),
    );
    expect(await store.heads('model c')).toEqual([]);
    expect(await store.list()).toHaveLength(2);
  });

  it('replace one of the same text', async () => {
    await store.write(snapshot(1));
    await store.write(snapshot(1, { name: 'again' }));
    expect((await store.list()).map(({ name }) => name)).toEqual(['again']);
  });

  it('can be deleted, one or all', async () => {
    const { id } = await store.write(snapshot(1));
    await store.write(snapshot(2));
    await store.remove(id);
    await store.remove('not there');
    expect((await store.list()).map(({ name }) => name)).toEqual(['text 2']);
    await store.clear();
    expect(await store.list()).toEqual([]);
  });

  it('make room for each other, used longest ago first', async () => {
    store = await open({ mostBytes: 2.5 * BYTES });
    const first = await store.write(snapshot(1));
    await store.write(snapshot(2));
    await store.read(first.id);
    await store.write(snapshot(3));
    expect((await store.list()).map(({ name }) => name)).toEqual(['text 3', 'text 1']);
    const tooLarge = snapshot(4, { pages: [new Uint8Array(4 * BYTES)] });
    await expect(store.write(tooLarge)).rejects.toMatchObject({ code: 'storage-full' });
    expect(await store.list()).toHaveLength(2);
  });
});

describe('a damaged snapshot is refused and removed', () => {
  it.each<[string, 'heads' | 'bodies', (row: never) => unknown]>([
    [
      'one bit of a page',
      'bodies',
      ([page, other]: [Uint8Array, Uint8Array]) => [page.map((byte, index) => (index === 7 ? byte ^ 1 : byte)), other],
    ],
    ['pages in another order', 'bodies', ([page, other]: [Uint8Array, Uint8Array]) => [other, page]],
    ['a page missing', 'bodies', ([page]: [Uint8Array]) => [page]],
    ['no pages', 'bodies', () => 'nonsense'],
    [
      'other tokens',
      'heads',
      (row: { sealed: { tokens: Int32Array } }) => ({
        ...row,
        sealed: { ...row.sealed, tokens: row.sealed.tokens.map((token) => token + 1) },
      }),
    ],
    ['fewer tokens', 'heads', (row: object) => ({ ...row, tokenCount: 99 })],
    ['another binding', 'heads', (row: object) => ({ ...row, binding: 'model b' })],
    ['no text', 'heads', (row: object) => ({ ...row, sealed: null })],
  ])('%s', async (_, table, change) => {
    const { id } = await store.write(snapshot(1));
    await tamper(table, id, change);
    await expect(store.read(id)).rejects.toMatchObject({ code: 'snapshot-damaged' });
    expect(await store.list()).toEqual([]);
  });

  it('a row of another version is left out', async () => {
    const { id } = await store.write(snapshot(1));
    await tamper('heads', id, (row: object) => ({ ...row, version: 2 }));
    expect(await store.list()).toEqual([]);
    expect(await store.heads('model a')).toEqual([]);
    await expect(store.read(id)).rejects.toMatchObject({ code: 'snapshot-damaged' });
  });
});

describe('a vault', () => {
  /** Not a cipher: enough to see that everything passes through, bound to its place. */
  const codec = (key: number): RecordCodec => ({
    seal: async ({ id }, value) => ({
      key,
      id,
      inner: value instanceof Uint8Array ? value.map((byte) => byte ^ 85) : value,
    }),
    open: async ({ id }, body) => {
      const sealed = body as { key: number; id: string; inner: unknown };
      if (sealed.key !== key || sealed.id !== id) throw new Error('wrong key or place');
      return sealed.inner instanceof Uint8Array ? sealed.inner.map((byte) => byte ^ 85) : sealed.inner;
    },
  });

  it('seals what tells of the text, and opens it again', async () => {
    const sealed = await open({ codec: codec(1) });
    const { id } = await sealed.write(snapshot(1));
    expect(await sealed.read(id)).toEqual(snapshot(1));
    const database = await openDB('sotto-snapshots');
    const [page] = (await database.get('bodies', id)) as { inner: Uint8Array }[];
    database.close();
    expect(page?.inner[0]).toBe(1 ^ 85);
  });

  it('that is locked hides what it keeps, which can still be deleted', async () => {
    const { id } = await (await open({ codec: codec(1) })).write(snapshot(1));
    const locked = await open({ codec: codec(2) });
    expect(await locked.heads('model a')).toEqual([]);
    expect(await locked.list()).toMatchObject([{ id, name: '', bytes: BYTES }]);
    await expect(locked.read(id)).rejects.toMatchObject({ code: 'storage-failed' });
    await locked.remove(id);
    expect(await locked.list()).toEqual([]);
  });
});
