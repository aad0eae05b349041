import type { Envelope } from './envelope.ts';

/** A passage of a document. */
export interface Chunk {
  /** 0-based place in the document. */
  readonly index: number;
  readonly text: string;
  /** 1-based; null where the format has no pages. */
  readonly page: number | null;
  /** Headings above it, outermost first. */
  readonly headings: readonly string[];
}

/** What a file says, in passages, and what of it was hidden or left out. */
export interface ReadDocument {
  readonly chunks: readonly Chunk[];
  readonly pages: number | null;
  /** Characters that were in the file but not to be seen by a reader. They are left out. */
  readonly hiddenCharacters: number;
  /** True where a limit ended the reading. */
  readonly isCutShort: boolean;
}

/** The whole text of a file, line by line as it is laid out. */
export type DocumentText = Omit<ReadDocument, 'chunks'> & { readonly text: string };

export interface IndexedDocument {
  readonly id: string;
  readonly name: string;
  readonly chunks: readonly Chunk[];
  /** Unit vectors, chunks.length × dimensions; null: found by its words only. */
  readonly vectors: { readonly values: Float32Array; readonly dimensions: number } | null;
}

export interface SearchRequest {
  readonly query: string;
  /** The question as a unit vector of the same model, or null. */
  readonly vector: Float32Array | null;
  /** Only these are looked at. */
  readonly documentIds: readonly string[];
  readonly limit: number;
}

export interface SearchHit {
  readonly documentId: string;
  readonly documentName: string;
  readonly chunk: Chunk;
  /** Nearness in meaning, -1 to 1; null without vectors. */
  readonly cosine: number | null;
  /** Share of the question's own words that the passage holds. */
  readonly coverage: number;
}

/** Empty hits: nothing in the documents fits. */
export interface SearchResult {
  readonly hits: readonly SearchHit[];
  readonly considered: number;
}

export type ReadEvent = { readonly type: 'read-progress'; readonly done: number; readonly total: number };

/** The port of the ingest worker: documents in, passages out. It holds the index in memory and keeps nothing. */
export interface DocumentsPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  read(callId: string, file: Blob, name: string, onEvent: (event: ReadEvent) => void): Promise<Envelope<ReadDocument>>;
  /** The whole text, for those who read tables and forms in it. */
  text(callId: string, file: Blob, name: string): Promise<Envelope<DocumentText>>;
  /** Makes documents searchable; one that is there already is replaced. */
  put(documents: readonly IndexedDocument[]): Promise<Envelope<null>>;
  remove(documentIds: readonly string[]): Promise<Envelope<null>>;
  search(request: SearchRequest): Promise<Envelope<SearchResult>>;
  abort(callId: string): void;
}
