export type { StoredDocument, StoredVectors } from './document-record.ts';
export { createDocumentStore, type DocumentStore } from './document-store.ts';
