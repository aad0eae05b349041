export type { IdbRecordStore } from './idb-record-store.ts';
export { createMemoryRecordStore } from './memory-record-store.ts';
export { openRecordStore } from './open-record-store.ts';
export { PLAIN_CODEC, type RecordCodec, type RecordHeader } from './record-codec.ts';
export type { LedgerChange, LedgerWrite, RecordLedger } from './record-ledger.ts';
export type { RecordChange, RecordStore, RemoteChange, StoredRecord } from './record-store.ts';
