import type { Chunk } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { RecordChange, RecordStore, StoredRecord } from '../records/index.ts';
import {
  DOCUMENT_VERSION,
  readChunks,
  readDocument,
  readVectors,
  type StoredDocument,
  type StoredVectors,
} from './document-record.ts';

const DOCUMENT = 'document';
const TEXT = 'document-text';
const VECTORS = 'document-vectors';

export interface DocumentStore {
  list(): Promise<readonly StoredDocument[]>;
  chunks(id: string): Promise<readonly Chunk[]>;
  /** Null where there are none, or of another shape than this version knows. */
  vectors(id: string): Promise<StoredVectors | null>;
  /** Document, passages and vectors in one write. `replaced`: documents that go with the same write. */
  save(
    document: StoredDocument,
    chunks: readonly Chunk[],
    vectors: StoredVectors | null,
    replaced?: readonly string[],
  ): Promise<void>;
  saveVectors(id: string, vectors: StoredVectors): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  onRemoteChange(listener: () => void): () => void;
}

export function createDocumentStore(records: RecordStore): DocumentStore {
  const removal = (ids: readonly string[]): readonly RecordChange[] =>
    ids.flatMap((id) => [DOCUMENT, TEXT, VECTORS].map((kind) => ({ kind, id, version: 0, value: undefined })));
  const change = (kind: string, id: string, value: unknown): RecordChange => ({
    kind,
    id,
    version: DOCUMENT_VERSION,
    value,
  });
  const sound = async <T>(record: StoredRecord | undefined, read: (value: unknown) => T): Promise<T | null> => {
    if (record === undefined || record.version > DOCUMENT_VERSION) return null;
    try {
      return read(record.value);
    } catch (error) {
      await records.quarantine(record, SottoError.isInstance(error) ? error.message : String(error));
      return null;
    }
  };
  return {
    async list() {
      const documents = await Promise.all((await records.list(DOCUMENT)).map((record) => sound(record, readDocument)));
      return documents.filter((document) => document !== null).sort((a, b) => a.name.localeCompare(b.name));
    },
    chunks: async (id) => (await sound(await records.read(TEXT, id), readChunks)) ?? [],
    vectors: async (id) => sound(await records.read(VECTORS, id), readVectors),
    save: (document, chunks, vectors, replaced = []) =>
      records.write([
        ...removal(replaced),
        change(DOCUMENT, document.id, document),
        change(TEXT, document.id, chunks),
        ...(vectors === null ? [] : [change(VECTORS, document.id, vectors)]),
      ]),
    saveVectors: (id, vectors) => records.write([change(VECTORS, id, vectors)]),
    remove: (ids) => records.write(removal(ids)),
    onRemoteChange: (listener) =>
      records.onRemoteChange((changes) => {
        if (changes.some(({ kind }) => kind === DOCUMENT || kind === '*')) listener();
      }),
  };
}
