export { openSnapshotStore } from './open-snapshot-store.ts';
export type { Snapshot, SnapshotHead, SnapshotStore, StoredSnapshot } from './snapshot-store.ts';
