import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type IdbRecordStore, openRecordStore } from '../records/index.ts';
import { openSnapshotStore } from '../snapshots/index.ts';
import { answerForKey } from './answer-for-key.ts';
import { openVault } from './open-vault.ts';
import { createBackup, readBackup } from './sealing/backup.ts';
import { createKey, openKey, readHeader } from './sealing/passphrase.ts';
import { createSealedCodec } from './sealing/sealed-codec.ts';
import { threadCodec } from './thread-codec.ts';

const PASSPHRASE = 'correct horse battery';
const MARKER = 'a marker that nobody else would write';

const opened: IdbRecordStore[] = [];

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  vi.unstubAllGlobals();
});

async function start() {
  const records = (await openRecordStore())!;
  opened.push(records);
  return { records, vault: await openVault(records) };
}

const record = (id: string, value: unknown) => ({ kind: 'k', id, version: 1, value });

/** What lies on the disk, whatever the codec. */
async function onDisk(change?: (rows: { body: unknown; id: string; sequence: number }[]) => void) {
  const database = await openDB('sotto-records');
  const rows = await database.getAll('records');
  const meta = await database.get('meta', 'vault');
  if (change !== undefined) {
    change(rows);
    for (const row of rows) await database.put('records', row);
  }
  database.close();
  const text = JSON.stringify([rows, meta], (_, value: unknown) =>
    value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value,
  );
  return { rows, meta, text };
}

describe('a vault', () => {
  it('seals what is there and what comes, opens with its passphrase, and leaves nothing readable', async () => {
    const first = await start();
    await first.records.write([record('a', MARKER)]);
    await first.vault.switchOn(PASSPHRASE);
    await first.records.write([record('b', { text: MARKER, vector: new Float32Array([0.5, -1]) })]);
    expect((await onDisk()).text).not.toContain('marker');
    expect((await first.records.read('k', 'a'))?.value).toBe(MARKER);

    const later = await start();
    expect(later.vault.state).toBe('locked');
    await expect(later.records.read('k', 'a')).rejects.toMatchObject({ code: 'vault-locked' });
    await expect(later.records.write([record('c', 1)])).rejects.toMatchObject({ code: 'vault-locked' });
    await expect(later.vault.unlock('wrong horse')).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await later.vault.unlock(PASSPHRASE);
    expect((await later.records.read('k', 'a'))?.value).toBe(MARKER);
    expect((await later.records.read('k', 'b'))?.value).toEqual({ text: MARKER, vector: new Float32Array([0.5, -1]) });
  });

  it('changes its passphrase without touching a record', async () => {
    const { records, vault } = await start();
    await records.write([record('a', MARKER)]);
    await vault.switchOn(PASSPHRASE);
    const before = (await onDisk()).rows;
    await vault.changePassphrase(PASSPHRASE, 'another passphrase');
    expect((await onDisk()).rows).toEqual(before);
    const later = await start();
    await expect(later.vault.unlock(PASSPHRASE)).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await later.vault.unlock('another passphrase');
    expect((await later.records.read('k', 'a'))?.value).toBe(MARKER);
  });

  it('can be switched off again', async () => {
    const { records, vault } = await start();
    await vault.switchOn(PASSPHRASE);
    await records.write([record('a', MARKER)]);
    await expect(vault.switchOff('wrong horse')).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await vault.switchOff(PASSPHRASE);
    expect((await onDisk()).text).toContain(MARKER);
    expect((await start()).vault.state).toBe('off');
  });

  it('that was broken off while it sealed goes on at the next unlock', async () => {
    const { records } = await start();
    await records.write([record('a', MARKER), record('b', MARKER)]);
    // As after a crash between the header and the records.
    await records.writeMeta('vault', (await createKey(PASSPHRASE, 'sealing')).header);
    const later = await start();
    await later.vault.unlock(PASSPHRASE);
    expect((await onDisk()).text).not.toContain('marker');
    expect(await later.records.list('k')).toHaveLength(2);
  });

  it.each([
    ['one bit was changed', (rows: { body: unknown }[]) => ((rows[0]!.body as { data: Uint8Array }).data[3]! ^= 1)],
    [
      'two were exchanged',
      (rows: { body: unknown }[]) => ([rows[0]!.body, rows[1]!.body] = [rows[1]!.body, rows[0]!.body]),
    ],
    ['an older state is passed off as new', (rows: { sequence: number }[]) => (rows[0]!.sequence += 7)],
    ['one was planted in the clear', (rows: { body: unknown }[]) => (rows[0]!.body = 'planted')],
  ])('refuses a record where %s', async (_what, spoil) => {
    const { records, vault } = await start();
    await vault.switchOn(PASSPHRASE);
    await records.write([record('a', 'A'), record('b', 'B')]);
    await onDisk(spoil as never);
    await expect(records.read('k', 'a')).rejects.toMatchObject({ code: 'vault-damaged' });
  });
});

describe('the ledger', () => {
  const anchored = () => {
    let generation = 0;
    return { read: () => generation, write: (next: number) => (generation = next) };
  };
  const begin = async (anchor = anchored()) => {
    const records = (await openRecordStore())!;
    opened.push(records);
    return { records, anchor, vault: await openVault(records, anchor) };
  };
  const rowOf = async (id: string) => (await onDisk()).rows.find((row) => row.id === id);
  const putBack = async (row: unknown) => {
    const database = await openDB('sotto-records');
    await database.put('records', row);
    database.close();
  };

  it('refuses an old state of a record that is put back, shows the others, and says so', async () => {
    const { records, vault, anchor } = await begin();
    await vault.switchOn(PASSPHRASE);
    await records.write([record('a', 'old'), record('b', 'B')]);
    const old = await rowOf('a');
    await records.write([record('a', 'new')]);
    await putBack(old);
    await expect(records.read('k', 'a')).rejects.toMatchObject({ code: 'vault-damaged' });
    const later = await begin(anchor);
    await later.vault.unlock(PASSPHRASE);
    expect((await later.records.list('k')).map(({ id }) => id)).toEqual(['b']);
    expect(later.vault.findings).toMatchObject({ records: 1, error: null });
  });

  it('misses a record that was removed, and one that was put back after it was deleted', async () => {
    const { records, vault, anchor } = await begin();
    await vault.switchOn(PASSPHRASE);
    await records.write([record('a', 'A'), record('b', 'B')]);
    const deleted = await rowOf('b');
    await records.write([{ ...record('b', undefined) }]);
    await putBack(deleted);
    const database = await openDB('sotto-records');
    await database.delete('records', ['k', 'a']);
    database.close();
    const later = await begin(anchor);
    await later.vault.unlock(PASSPHRASE);
    expect(await later.records.list('k')).toEqual([]);
    expect(later.vault.findings.records).toBe(2);
  });

  it('notices a database that was put back as a whole', async () => {
    const { records, vault, anchor } = await begin();
    await vault.switchOn(PASSPHRASE);
    await records.write([record('a', 'old')]);
    const database = await openDB('sotto-records');
    const before = {
      rows: await database.getAll('records'),
      keys: await database.getAllKeys('meta'),
      meta: await database.getAll('meta'),
    };
    await records.write([record('a', 'new')]);
    for (const row of before.rows) await database.put('records', row);
    for (const [index, key] of before.keys.entries()) await database.put('meta', before.meta[index], key);
    database.close();
    const later = await begin(anchor);
    await later.vault.unlock(PASSPHRASE);
    expect(later.vault.findings.error).toMatchObject({ code: 'vault-damaged' });
    // What is there is the person's all the same.
    expect((await later.records.read('k', 'a'))?.value).toBe('old');
  });

  it('finds nothing wrong with many writes, in two tabs, across unlocks, or with what was set aside', async () => {
    const { records, vault, anchor } = await begin();
    await records.write([record('before', 1)]);
    await vault.switchOn(PASSPHRASE);
    const other = await begin(anchor);
    await other.vault.unlock(PASSPHRASE);
    for (let round = 0; round < 20; round++) {
      await records.write([record(`a${round}`, round), record('shared', round)]);
      await other.records.write([record(`b${round}`, round), record('shared', -round)]);
    }
    expect((await records.read('k', 'shared'))?.value).toBe(-19);
    await records.quarantine({ ...(await records.read('k', 'a3'))! }, 'odd');
    await records.write([record('a4', undefined)]);
    const later = await begin(anchor);
    await later.vault.unlock(PASSPHRASE);
    expect(await later.records.list('k')).toHaveLength(40);
    expect(later.vault.findings).toEqual({ records: 0, error: null });
    await later.vault.switchOff(PASSPHRASE);
    expect(await (await begin(anchor)).records.list('k')).toHaveLength(40);
  });
});

describe('the header', () => {
  it('with lower costs is refused, and does not open were it not', async () => {
    const { header } = await createKey(PASSPHRASE, 'sealed');
    expect(header.kdf.iterations).toBeGreaterThanOrEqual(600_000);
    const lowered = { ...header, kdf: { ...header.kdf, iterations: 1000 } };
    expect(() => readHeader(lowered)).toThrow(expect.objectContaining({ code: 'vault-damaged' }));
    await expect(openKey(lowered, PASSPHRASE)).rejects.toMatchObject({ code: 'passphrase-wrong' });
  });

  it('takes no short passphrase, and one typed in two ways', async () => {
    await expect(createKey('seven c', 'sealed')).rejects.toMatchObject({ code: 'passphrase-weak' });
    const { header } = await createKey('Zürich Zürich', 'sealed');
    await openKey(header, 'Zu\u0308rich Zu\u0308rich');
  });
});

it('every write has an IV of its own', async () => {
  const { key } = await createKey(PASSPHRASE, 'sealed');
  const codec = createSealedCodec(key, false);
  const header = { kind: 'k', id: 'a', parent: '', version: 1, sequence: 1 };
  const ivs = await Promise.all(Array.from({ length: 50 }, () => codec.seal(header, 'same')));
  expect(new Set(ivs.map((sealed) => String((sealed as { iv: Uint8Array }).iv))).size).toBe(50);
});

describe('a backup', () => {
  const stored = { ...record('a', { text: MARKER }), parent: 'p', sequence: 4 };

  it('gives back what went in, and shows nothing of it', async () => {
    const text = await createBackup([stored], PASSPHRASE);
    expect(text).not.toContain('marker');
    expect(await readBackup(new Blob([text]), PASSPHRASE)).toEqual([stored]);
  });

  it.each([
    ['another passphrase', (text: string) => text, 'wrong horse', 'passphrase-wrong'],
    ['a changed row', (text: string) => text.replace('"id":"a"', '"id":"b"'), PASSPHRASE, 'vault-damaged'],
    ['another file', () => '{"format":"other"}', PASSPHRASE, 'vault-damaged'],
    ['no JSON', () => 'hello', PASSPHRASE, 'vault-damaged'],
    ['a newer version', (text: string) => text.replace('"version":1', '"version":9'), PASSPHRASE, 'record-newer'],
  ])('is refused with %s', async (_what, spoil, passphrase, code) => {
    const text = spoil(await createBackup([stored], PASSPHRASE));
    await expect(readBackup(new Blob([text]), passphrase)).rejects.toMatchObject({ code });
  });
});

describe('what threads keep under the vault', () => {
  const snapshot = {
    binding: 'model',
    name: MARKER,
    model: 'A',
    tokens: Int32Array.from([1, 2, 3]),
    pages: [new TextEncoder().encode(MARKER), new Uint8Array(300_000).fill(7)],
  };
  const thread = async () => (await openSnapshotStore({ codec: threadCodec() }))!;
  /** All that the snapshots' database holds, as text. */
  const bodies = async () => {
    const database = await openDB('sotto-snapshots');
    const rows = [...(await database.getAll('heads')), ...(await database.getAll('bodies'))];
    database.close();
    return JSON.stringify(rows, (_, value: unknown) =>
      value instanceof Uint8Array ? new TextDecoder('latin1').decode(value) : value,
    );
  };

  it('is plain without a vault, sealed with an open one, and out of reach of a locked one', async () => {
    const { vault } = await start();
    const stop = answerForKey(() => vault.key);
    const store = await thread();
    await store.write(snapshot);
    expect(await bodies()).toContain('marker');
    await store.clear();

    await vault.switchOn(PASSPHRASE);
    const { id } = await store.write(snapshot);
    expect(await bodies()).not.toContain('marker');
    expect(await store.read(id)).toEqual(snapshot);
    stop();

    // No page answers with a key: nothing is readable, nothing is written, and it can still be seen and deleted.
    const locked = await thread();
    expect(await locked.heads('model')).toEqual([]);
    await expect(locked.write(snapshot)).rejects.toMatchObject({ code: 'vault-locked' });
    expect(await locked.list()).toMatchObject([{ id, name: '', tokens: 3 }]);
    await locked.remove(id);
    expect(await locked.list()).toEqual([]);
    store.close();
    locked.close();
  }, 20_000);

  it('does not open as something else than was sealed', async () => {
    const { key } = await createKey(PASSPHRASE, 'sealed');
    const codec = createSealedCodec(key, false);
    const header = { kind: 'k', id: 'a', parent: '', version: 1, sequence: 0 };
    const sealed = (await codec.seal(header, new Uint8Array([1, 2]))) as object;
    expect(await codec.open(header, sealed)).toEqual(new Uint8Array([1, 2]));
    await expect(codec.open(header, { ...sealed, sealed: 1 })).rejects.toMatchObject({ code: 'vault-damaged' });
  });
});
