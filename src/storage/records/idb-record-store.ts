import { connect, type Database, type Row } from './connection.ts';
import { exclusively } from './exclusively.ts';
import { PLAIN_CODEC, type RecordCodec, type RecordHeader } from './record-codec.ts';
import type { RecordStore, StoredRecord } from './record-store.ts';
import { openRemoteChanges } from './remote-changes.ts';
import { recordError } from './storage-error.ts';

const STRICT = { durability: 'strict' } as const;

export interface IdbRecordStore extends RecordStore {
  /** From now on values are sealed and opened by this codec. */
  useCodec(codec: RecordCodec): void;
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
  let codec = PLAIN_CODEC;

  const use = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    try {
      return await connection.use(work);
    } catch (error) {
      throw recordError(error);
    }
  };
  const open = async (row: Row): Promise<StoredRecord> => {
    const { body, ...header } = row;
    return { ...header, value: await codec.open(header, body) };
  };
  await use(async () => {});

  return {
    medium: 'indexeddb',
    useCodec(next) {
      codec = next;
    },
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
      const rows = await use((database) =>
        parent === undefined
          ? database.getAll('records', IDBKeyRange.bound([kind], [kind, []]))
          : database.getAllFromIndex('records', 'byParent', [kind, parent]),
      );
      return Promise.all(rows.map(open));
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
        await use(async (database) => {
          const transaction = database.transaction(['records', 'meta'], 'readwrite', STRICT);
          const records = transaction.objectStore('records');
          const steps: Promise<unknown>[] = [transaction.done];
          try {
            for (const { key, row } of rows) steps.push(row === null ? records.delete(key) : records.put(row));
            steps.push(transaction.objectStore('meta').put(sequence + changes.length, 'sequence'));
          } catch (error) {
            // A value that cannot be stored throws at once, and would leave what came before it to be committed.
            transaction.abort();
            await Promise.allSettled(steps);
            throw error;
          }
          await Promise.all(steps);
        });
        remote.tell(changes.map(({ kind, id, parent = '' }) => ({ kind, id, parent })));
      }),
    quarantine: ({ kind, id }, reason) =>
      use(async (database) => {
        const transaction = database.transaction(['records', 'quarantine'], 'readwrite', STRICT);
        const row = await transaction.objectStore('records').get([kind, id]);
        if (row !== undefined) {
          await transaction.objectStore('quarantine').add({ row, reason });
          await transaction.objectStore('records').delete([kind, id]);
        }
        await transaction.done;
      }),
    async quarantined() {
      const kept = await use((database) => database.getAll('quarantine'));
      return kept.map(({ row: { kind, id }, reason }) => ({ kind, id, reason }));
    },
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
