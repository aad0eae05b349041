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
import { checkOptions, SIGNAL } from './options.ts';
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

  async put(documents: readonly IndexedDocument[]): Promise<void> {
    await this.#workers.ingest.call(({ port }) => port.put(documents));
  }

  async remove(documentIds: readonly string[]): Promise<void> {
    await this.#workers.ingest.call(({ port }) => port.remove(documentIds));
  }

  async search(request: SearchRequest): Promise<SearchResult> {
    checkOptions(request, { query: 'text', vector: 'any', documentIds: 'list', limit: 'count' });
    return this.#workers.ingest.call(({ port }) => port.search(request));
  }
}
