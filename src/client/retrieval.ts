import { proxy } from 'comlink';
import type {
  DocumentText,
  IndexedDocument,
  KnowledgePack,
  ReadDocument,
  ReadEvent,
  SearchRequest,
  SearchResult,
} from '../protocol/index.ts';
import { checkOptions, invalid, SIGNAL } from './options.ts';
import { abortByCallId } from './supervised-worker.ts';
import type { Workers } from './workers.ts';

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ReadEvent) => void) | undefined;
}

/**
 * `sotto.retrieval`: documents → passages → those that fit a question, in a thread of its own. It keeps nothing: what was put
 * is searchable until the page closes or the thread dies; `generation` tells the two apart.
 */
export class Retrieval {
  readonly #workers: Workers;

  constructor(workers: Workers) {
    this.#workers = workers;
  }

  /** Changes when the thread was started anew: then everything has to be put again. */
  get generation(): number {
    return this.#workers.ingest.incarnation;
  }

  /** Reads a file (PDF, DOCX, Markdown, HTML, CSV, text). Rejects with `document-invalid`, `blocked-by-policy`, or AbortError. */
  async read(file: File, options: ReadOptions = {}): Promise<ReadDocument> {
    checkOptions(options, { ...SIGNAL, onProgress: 'function' });
    const { signal, onProgress } = options;
    checkFile(file);
    await this.#workers.permit('documents');
    const listener = proxy((event: ReadEvent) => onProgress?.(event));
    return this.#workers.ingest.call(({ port, callId }) => port.read(callId, file, file.name, listener), {
      signal,
      abort: abortByCallId,
    });
  }

  /** The whole text of a file, line by line as it is laid out. Rejects likewise. */
  async text(file: File, options: Pick<ReadOptions, 'signal'> = {}): Promise<DocumentText> {
    checkOptions(options, SIGNAL);
    const { signal } = options;
    checkFile(file);
    await this.#workers.permit('documents');
    return this.#workers.ingest.call(({ port, callId }) => port.text(callId, file, file.name), {
      signal,
      abort: abortByCallId,
    });
  }

  /**
   * A knowledge pack by its address: fetched once, verified against its own hashes and the site's policy, kept. To search it,
   * `put` its documents. Rejects with `knowledge-invalid`, `blocked-by-policy` or the network's failure.
   */
  knowledge(address: string): Promise<KnowledgePack> {
    return this.#workers.download.call(({ port }) => port.knowledge(address));
  }

  /** Makes documents searchable, in place of those of the same id. Rejects with `invalid-option`; then none of them is put. */
  async put(documents: readonly IndexedDocument[]): Promise<void> {
    if (!Array.isArray(documents)) throw invalid('documents', 'must be a list');
    documents.forEach(checkDocument);
    await this.#workers.ingest.call(({ port }) => port.put(documents));
  }

  async remove(documentIds: readonly string[]): Promise<void> {
    if (!Array.isArray(documentIds)) throw invalid('documentIds', 'must be a list');
    await this.#workers.ingest.call(({ port }) => port.remove(documentIds));
  }

  /** Passages that fit a question. Rejects with `invalid-option`, also where the vector is of another size than the passages'. */
  async search(request: SearchRequest): Promise<SearchResult> {
    checkOptions(request, { query: 'text', vector: 'any', documentIds: 'list', limit: 'count' });
    for (const name of ['query', 'documentIds', 'limit'] as const) {
      if ((request[name] ?? null) === null) throw invalid(name, 'is missing');
    }
    if (request.vector !== null && !areFloats(request.vector)) {
      throw invalid('vector', 'must be a Float32Array, or null to search by words alone');
    }
    return this.#workers.ingest.call(({ port }) => port.search(request));
  }
}

function checkFile(file: unknown): void {
  const { name, arrayBuffer } = (file ?? {}) as Partial<File>;
  if (typeof name !== 'string' || typeof arrayBuffer !== 'function') throw invalid('file', 'must be a File');
}

function checkDocument({ id, name, chunks, vectors }: Partial<IndexedDocument>, index: number): void {
  const place = `documents[${index}]`;
  if (typeof id !== 'string' || typeof name !== 'string') throw invalid(place, 'needs "id" and "name", two texts');
  const isChunk = (chunk: unknown) =>
    typeof chunk === 'object' && chunk !== null && 'text' in chunk && typeof chunk.text === 'string';
  const areChunks = Array.isArray(chunks) && chunks.every((chunk) => isChunk(chunk) && Array.isArray(chunk.headings));
  if (!areChunks) throw invalid(`${place}.chunks`, 'must be passages as "read" gives them');
  if (vectors === null) return;
  const { values, dimensions = 0 } = vectors ?? {};
  if (!areFloats(values) || !Number.isInteger(dimensions) || dimensions < 1) {
    throw invalid(
      `${place}.vectors`,
      'must be { values: Float32Array, dimensions }, or null to be found by words alone',
    );
  }
  if (values.length !== chunks.length * dimensions) {
    const wanted = `${chunks.length} passages × ${dimensions} dimensions`;
    throw invalid(`${place}.vectors`, `must hold ${wanted}, not ${values.length} numbers`);
  }
}

/** Of another frame it is no instance of ours, and works all the same. */
function areFloats(value: unknown): value is Float32Array {
  return Object.prototype.toString.call(value) === '[object Float32Array]';
}
