import type { RecordStore, SetAside, StoredRecord } from './record-store.ts';

/** Records that go when the page closes: for browsers that offer no storage, and for temporary things. */
export function createMemoryRecordStore(): RecordStore {
  const records = new Map<string, StoredRecord>();
  const aside: SetAside[] = [];
  let sequence = 0;
  const keyOf = (kind: string, id: string) => JSON.stringify([kind, id]);
  return {
    medium: 'memory',
    read: async (kind, id) => records.get(keyOf(kind, id)),
    list: async (kind, parent) =>
      [...records.values()].filter((record) => record.kind === kind && (parent ?? record.parent) === record.parent),
    async write(changes) {
      for (const { kind, id, parent = '', version, value } of changes) {
        sequence += 1;
        if (value === undefined) records.delete(keyOf(kind, id));
        // A copy, as a database would make: what is changed later is not changed here.
        else records.set(keyOf(kind, id), { kind, id, parent, version, sequence, value: structuredClone(value) });
      }
    },
    async quarantine({ kind, id }, reason) {
      const record = records.get(keyOf(kind, id));
      if (record === undefined) return;
      records.delete(keyOf(kind, id));
      aside.push({ kind, id, parent: record.parent, reason });
    },
    quarantined: async () => [...aside],
    dropAside: async (isGone) => {
      aside.splice(0, aside.length, ...aside.filter((record) => !isGone(record)));
    },
    async clear() {
      records.clear();
      aside.length = 0;
    },
    onRemoteChange: () => () => {},
    close() {},
  };
}
