import { SottoError } from '../../shared/index.ts';
import { connect, type Database, type Row } from './connection.ts';
import { exclusively } from './exclusively.ts';
import { PLAIN_CODEC, type RecordCodec, type RecordHeader } from './record-codec.ts';
import type { LedgerWrite, RecordLedger } from './record-ledger.ts';
import type { RecordStore, StoredRecord } from './record-store.ts';
import { openRemoteChanges } from './remote-changes.ts';
import { recordError } from './storage-error.ts';

const STRICT = { durability: 'strict' } as const;

export interface IdbRecordStore extends RecordStore {
  /** From now on values are sealed and opened by this codec, and checked against the ledger where there is one. */
  useCodec(codec: RecordCodec, ledger?: RecordLedger): void;
  /** Names, sequences and places of all records, without their values. */
  headers(): Promise<readonly RecordHeader[]>;
  /** Keys of all records. */
  keys(): Promise<readonly (readonly [kind: string, id: string])[]>;
  /** Writes a ledger by itself, without records. */
  writeLedger(write: LedgerWrite): Promise<void>;
  /** Told of each record that a list left out, because it is not as it was written. */
  onRefused(listener: (header: RecordHeader) => void): void;
  /** Unsealed facts about the database itself, such as the vault's header. */
  readMeta(key: string): Promise<unknown>;
  /** `undefined` deletes. */
  writeMeta(key: string, value: unknown): Promise<void>;
  /** Writes every record anew, those set aside too: opened by one codec, sealed by the other. Small steps, each whole. */
  rewrite(from: RecordCodec, to: RecordCodec): Promise<void>;
}

export interface IdbRecordStoreOptions {
  /** A newer version of the app took the database: this tab may only show what it has. */
  readonly onSuperseded?: () => void;
}

/** Records in IndexedDB. Rejects where the database cannot be opened. */
export async function createIdbRecordStore({ onSuperseded }: IdbRecordStoreOptions = {}): Promise<IdbRecordStore> {
  const connection = connect(onSuperseded ?? (() => {}));
  const remote = openRemoteChanges();
  const refusedListeners = new Set<(header: RecordHeader) => void>();
  let codec = PLAIN_CODEC;
  let ledger: RecordLedger | undefined;

  const use = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    try {
      return await connection.use(work);
    } catch (error) {
      throw recordError(error);
    }
  };
  const open = async (row: Row): Promise<StoredRecord> => {
    const { body, ...header } = row;
    await ledger?.check(header);
    return { ...header, value: await codec.open(header, body) };
  };
  /** One record that was tampered with must not hide the others. */
  const openOrRefuse = async (row: Row): Promise<StoredRecord | null> => {
    try {
      return await open(row);
    } catch (error) {
      if (SottoError.isInstance(error) && error.code === 'vault-locked') throw error;
      const { body: _body, ...header } = row;
      for (const listener of refusedListeners) listener(header);
      return null;
    }
  };
  await use(async () => {});

  return {
    medium: 'indexeddb',
    useCodec(next, nextLedger) {
      codec = next;
      ledger = nextLedger;
    },
    onRefused: (listener) => void refusedListeners.add(listener),
    keys: () => use((database) => database.getAllKeys('records')),
    headers: () =>
      use(async (database) => {
        const headers: RecordHeader[] = [];
        for await (const { value } of database.transaction('records').store) {
          const { body: _body, ...header } = value;
          headers.push(header);
        }
        return headers;
      }),
    writeLedger: ({ meta, done }) =>
      use(async (database) => {
        const transaction = database.transaction('meta', 'readwrite', STRICT);
        await Promise.all([...[...meta].map(([key, value]) => transaction.store.put(value, key)), transaction.done]);
        done();
      }),
    readMeta: (key) => use((database) => database.get('meta', key)),
    writeMeta: (key, value) =>
      use(async (database) => {
        const transaction = database.transaction('meta', 'readwrite', STRICT);
        const step = value === undefined ? transaction.store.delete(key) : transaction.store.put(value, key);
        await Promise.all([step, transaction.done]);
      }),
    rewrite: (from, to) => exclusively(() => use((database) => rewriteAll(database, from, to))),
    async read(kind, id) {
      const row = await use((database) => database.get('records', [kind, id]));
      return row === undefined ? undefined : open(row);
    },
    async list(kind, parent) {
      const rows = await use((database) => rowsOf(database, kind, parent));
      return (await Promise.all(rows.map(openOrRefuse))).filter((record) => record !== null);
    },
    write: (changes) =>
      exclusively(async () => {
        const sequence = await use(nextSequence);
        // Sealed before the transaction begins: a transaction that waits for something else commits by itself.
        const rows = await Promise.all(
          changes.map(async ({ kind, id, parent = '', version, value }, index) => {
            if (value === undefined) return { key: [kind, id] as [string, string], row: null };
            const header: RecordHeader = { kind, id, parent, version, sequence: sequence + index };
            return { key: [kind, id] as [string, string], row: { ...header, body: await codec.seal(header, value) } };
          }),
        );
        const staged = await ledger?.stage(
          rows.map(({ key: [kind, id], row }) => ({ kind, id, sequence: row?.sequence ?? null })),
        );
        await use(async (database) => {
          const transaction = database.transaction(['records', 'meta'], 'readwrite', STRICT);
          const records = transaction.objectStore('records');
          const meta = transaction.objectStore('meta');
          const steps: Promise<unknown>[] = [transaction.done];
          try {
            for (const { key, row } of rows) steps.push(row === null ? records.delete(key) : records.put(row));
            steps.push(meta.put(sequence + changes.length, 'sequence'));
            for (const [key, value] of staged?.meta ?? []) steps.push(meta.put(value, key));
          } catch (error) {
            // A value that cannot be stored throws at once, and would leave what came before it to be committed.
            transaction.abort();
            await Promise.allSettled(steps);
            throw error;
          }
          await Promise.all(steps);
          staged?.done();
        });
        remote.tell(changes.map(({ kind, id, parent = '' }) => ({ kind, id, parent })));
      }),
    quarantine: ({ kind, id }, reason) =>
      exclusively(async () => {
        const staged = await ledger?.stage([{ kind, id, sequence: null }]);
        await use((database) => setAside(database, kind, id, reason, staged));
      }),
    async quarantined() {
      const kept = await use((database) => database.getAll('quarantine'));
      return kept.map(({ row: { kind, id, parent }, reason }) => ({ kind, id, parent, reason }));
    },
    dropAside: (isGone) =>
      use(async (database) => {
        const transaction = database.transaction('quarantine', 'readwrite', STRICT);
        for await (const cursor of transaction.store) {
          const { row, reason } = cursor.value;
          if (isGone({ kind: row.kind, id: row.id, parent: row.parent, reason })) await cursor.delete();
        }
        await transaction.done;
      }),
    clear: () =>
      use(async (database) => {
        const names = ['records', 'quarantine', 'meta'] as const;
        const transaction = database.transaction(names, 'readwrite', STRICT);
        await Promise.all([...names.map((name) => transaction.objectStore(name).clear()), transaction.done]);
        remote.tell([{ kind: '*', id: '*', parent: '' }]);
      }),
    onRemoteChange: remote.listen,
    close() {
      remote.close();
      connection.close();
    },
  };
}

/**
 * One value that the browser itself can no longer read (the file it lay in is gone) makes a read of all of them fail. One by one the
 * others come; that one comes without its value, which no room takes for a record of its own. Rejects where none can be read.
 */
async function rowsOf(database: Database, kind: string, parent: string | undefined): Promise<readonly Row[]> {
  const all = IDBKeyRange.bound([kind], [kind, []]);
  try {
    if (parent === undefined) return await database.getAll('records', all);
    return await database.getAllFromIndex('records', 'byParent', [kind, parent]);
  } catch (error) {
    const keys =
      parent === undefined
        ? await database.getAllKeys('records', all)
        : await database.getAllKeysFromIndex('records', 'byParent', [kind, parent]);
    const rows = await Promise.all(keys.map((key) => database.get('records', key).catch(() => undefined)));
    if (rows.every((row) => row === undefined)) throw error;
    return rows.map(
      (row, index) =>
        row ?? { kind, id: keys[index]?.[1] ?? '', parent: parent ?? '', version: 0, sequence: 0, body: undefined },
    );
  }
}

async function setAside(
  database: Database,
  kind: string,
  id: string,
  reason: string,
  staged: LedgerWrite | undefined,
): Promise<void> {
  const transaction = database.transaction(['records', 'quarantine', 'meta'], 'readwrite', STRICT);
  const row = await transaction.objectStore('records').get([kind, id]);
  if (row !== undefined) {
    await transaction.objectStore('quarantine').add({ row, reason });
    await transaction.objectStore('records').delete([kind, id]);
    for (const [key, value] of staged?.meta ?? []) await transaction.objectStore('meta').put(value, key);
  }
  await transaction.done;
  if (row !== undefined) staged?.done();
}

async function nextSequence(database: Database): Promise<number> {
  const stored = await database.get('meta', 'sequence');
  return typeof stored === 'number' && Number.isSafeInteger(stored) ? stored : 1;
}

/** Records a step: enough to be quick, few enough to keep the memory small. */
const STEP = 50;

async function rewriteAll(database: Database, from: RecordCodec, to: RecordCodec): Promise<void> {
  const turn = async ({ body, ...header }: Row): Promise<Row> => ({
    ...header,
    body: await to.seal(header, await from.open(header, body)),
  });
  const keys = await database.getAllKeys('records');
  for (let start = 0; start < keys.length; start += STEP) {
    const step = keys.slice(start, start + STEP);
    const rows = await Promise.all(step.map((key) => database.get('records', key)));
    const turned = await Promise.all(rows.filter((row) => row !== undefined).map(turn));
    const transaction = database.transaction('records', 'readwrite', STRICT);
    await Promise.all([...turned.map((row) => transaction.store.put(row)), transaction.done]);
  }
  for (const key of await database.getAllKeys('quarantine')) {
    const kept = await database.get('quarantine', key);
    if (kept === undefined) continue;
    const row = await turn(kept.row);
    await database.put('quarantine', { ...kept, row }, key);
  }
}
