import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { isAbortError } from '../../client/index.ts';
import type { Chat, Citation } from '../../storage/chats/index.ts';
import type { DocumentStore, StoredDocument, StoredVectors } from '../../storage/documents/index.ts';
import type { Engine } from '../engine.ts';
import type { Grounding } from './answer-writer.ts';
import { type Failure, toFailure } from './failure.ts';
import { groundedPrompt, promptFrom } from './grounded-prompt.ts';

/** A file on its way into the documents. */
export interface ReadingJob {
  readonly id: string;
  readonly name: string;
  readonly phase: 'waiting' | 'reading' | 'embedding' | 'failed';
  readonly done: number;
  readonly total: number;
  readonly failure: Failure | null;
}

/** Search by meaning: off until it is asked for, because its model is a download of its own. */
export type MeaningState =
  | { readonly kind: 'off' }
  | { readonly kind: 'loading'; readonly done: number; readonly total: number }
  | { readonly kind: 'on' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface DocumentsController {
  readonly documents: ReadonlySignal<readonly StoredDocument[]>;
  readonly collections: ReadonlySignal<readonly string[]>;
  readonly jobs: ReadonlySignal<readonly ReadingJob[]>;
  readonly meaning: ReadonlySignal<MeaningState>;
  readonly failure: ReadonlySignal<Failure | null>;
  readonly store: DocumentStore;
  load(): Promise<void>;
  /** Reads files one after the other. One that is there unchanged is passed over; one that changed replaces its old self. */
  add(files: readonly File[], collection: string): Promise<void>;
  /** Stops a file, or takes a failed one off the list. */
  cancel(jobId: string): void;
  remove(ids: readonly string[]): Promise<void>;
  /** Fetches the model of meanings where it is not here yet, and learns the meaning of what has none. */
  useMeaning(isOn: boolean): Promise<void>;
  /** Goes on with search by meaning where it was on before; fetches nothing. */
  resumeMeaning(): Promise<void>;
  /** Files of the last folder that are no documents, and were passed over. */
  readonly passedOver: ReadonlySignal<number>;
  /**
   * What the chat's documents say to a question; null where it has none. `about`: the passages that it speaks of already, as
   * "Shorter, please." speaks of those of the last answer; there is nothing to look for then.
   */
  ground(question: string, chat: Chat, signal: AbortSignal, about?: readonly Citation[]): Promise<Grounding | null>;
}

export interface DocumentsOptions {
  readonly engine: Engine;
  readonly store: DocumentStore;
  /** Said in place of an answer where nothing fits. */
  readonly nothingFits: string;
  /** Tokens of the loaded model's context. */
  readonly contextLength: () => number;
  /** Told when search by meaning was switched on or off, so that it is remembered. */
  readonly onMeaning?: (isOn: boolean) => void;
}

const MEANING_MODEL = 'all-minilm-l6-v2';
/** Texts of one call: a question that is asked meanwhile waits for one batch and no longer. */
const BATCH = 32;
const PASSAGES = 4;
/** What is read of a folder; everything else in it is passed over. */
const READABLE = /\.(pdf|docx|md|markdown|html?|csv|tsv|txt|log|json|xml|ya?ml)$/i;

export function createDocumentsController(options: DocumentsOptions): DocumentsController {
  const { engine, store } = options;
  const documents = signal<readonly StoredDocument[]>([]);
  const jobs = signal<readonly ReadingJob[]>([]);
  const meaning = signal<MeaningState>({ kind: 'off' });
  const failure = signal<Failure | null>(null);
  const passedOver = signal(0);
  const running = new Map<string, AbortController>();
  /** Documents the ingest thread holds, and which incarnation of it. */
  let put = new Set<string>();
  let generation = -1;
  let queue: Promise<void> = Promise.resolve();
  /** The last word on search by meaning: what was begun before it goes on no further. */
  let wish = new AbortController();
  let learning: Promise<void> = Promise.resolve();

  const load = async () => {
    try {
      documents.value = await store.list();
    } catch (error) {
      failure.value = toFailure(error);
    }
  };
  store.onRemoteChange(() => {
    put = new Set();
    void load();
  });
  const change = (id: string, next: Partial<ReadingJob>) => {
    jobs.value = jobs.value.map((job) => (job.id === id ? { ...job, ...next } : job));
  };

  const embed = async (
    texts: readonly string[],
    signal: AbortSignal | undefined,
    onDone: (done: number) => void = () => {},
  ): Promise<StoredVectors> => {
    let values = new Float32Array(0);
    let dimensions = 1;
    for (let start = 0; start < texts.length; start += BATCH) {
      const batch = await engine.embeddings.vectors(texts.slice(start, start + BATCH), {
        model: MEANING_MODEL,
        truncate: 'end',
        ...(signal === undefined ? {} : { signal }),
      });
      if (start === 0) values = new Float32Array(texts.length * batch.dimensions);
      dimensions = batch.dimensions;
      values.set(batch.vectors, start * dimensions);
      onDone(Math.min(texts.length, start + BATCH));
    }
    return { modelId: MEANING_MODEL, dimensions, values };
  };
  /** Vectors of passages: those of the document's old self are taken over where the words are the same. */
  const embedChanged = async (
    texts: readonly string[],
    old: readonly string[],
    signal: AbortSignal,
    onDone: (done: number) => void,
  ): Promise<StoredVectors> => {
    const known = new Map<string, Float32Array>();
    for (const id of old) {
      const [chunks, stored] = await Promise.all([store.chunks(id), store.vectors(id)]);
      if (stored?.modelId !== MEANING_MODEL) continue;
      const { values, dimensions } = stored;
      chunks.forEach(({ text }, index) => {
        known.set(text, values.subarray(index * dimensions, (index + 1) * dimensions));
      });
    }
    const fresh = texts.filter((text) => !known.has(text));
    const taken = texts.length - fresh.length;
    onDone(taken);
    const made = await embed(fresh, signal, (done) => onDone(taken + done));
    const dimensions = fresh.length > 0 ? made.dimensions : (known.values().next().value?.length ?? 1);
    const values = new Float32Array(texts.length * dimensions);
    let next = 0;
    texts.forEach((text, index) => {
      const vector = known.get(text) ?? made.values.subarray(next * dimensions, ++next * dimensions);
      values.set(vector, index * dimensions);
    });
    return { modelId: MEANING_MODEL, dimensions, values };
  };

  const read = async (jobId: string, file: File, collection: string, signal: AbortSignal) => {
    change(jobId, { phase: 'reading' });
    const hash = await hashOf(file);
    const same = documents.value.filter(
      (document) => document.collection === collection && document.name === nameOf(file),
    );
    if (same.some((document) => document.hash === hash)) return;
    const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) =>
      change(jobId, { done, total });
    const { chunks, pages, hiddenCharacters, isCutShort } = await engine.retrieval.read(file, { signal, onProgress });
    let vectors: StoredVectors | null = null;
    if (meaning.value.kind === 'on') {
      change(jobId, { phase: 'embedding', done: 0, total: chunks.length });
      vectors = await embedChanged(
        chunks.map(({ text }) => text),
        same.map(({ id }) => id),
        signal,
        (done) => change(jobId, { done }),
      );
    }
    const document = {
      id: crypto.randomUUID(),
      name: nameOf(file),
      collection,
      bytes: file.size,
      hash,
      addedAt: Date.now(),
      pages,
      chunks: chunks.length,
      hiddenCharacters,
      isCutShort,
    };
    signal.throwIfAborted();
    const replaced = same.map(({ id }) => id);
    await store.save(document, chunks, vectors, replaced);
    if (replaced.length > 0) await engine.retrieval.remove(replaced);
    await load();
  };

  /** Everything that is searched has to be in the ingest thread: at first use, and again after that thread died. */
  const ensurePut = async (wanted: readonly StoredDocument[]) => {
    if (generation !== engine.retrieval.generation) put = new Set();
    for (const { id, name } of wanted) {
      if (put.has(id)) continue;
      const [chunks, stored] = await Promise.all([store.chunks(id), store.vectors(id)]);
      // Vectors of another model say nothing beside a question that this one read.
      const isOurs = stored?.modelId === MEANING_MODEL;
      const fits = isOurs && stored.values.length === chunks.length * stored.dimensions;
      const vectors = fits ? { values: stored.values, dimensions: stored.dimensions } : null;
      await engine.retrieval.put([{ id, name, chunks, vectors }]);
      generation = engine.retrieval.generation;
      put.add(id);
    }
  };

  const isThere = (id: string) => documents.value.some((document) => document.id === id);
  const embedMissing = async (wanted: AbortSignal) => {
    for (const { id, name } of documents.value) {
      if (wanted.aborted) return;
      if (!isThere(id)) continue;
      const stored = await store.vectors(id);
      if (stored?.modelId === MEANING_MODEL) continue;
      const texts = (await store.chunks(id)).map(({ text }) => text);
      const controller = new AbortController();
      const own = AbortSignal.any([controller.signal, wanted]);
      running.set(id, controller);
      jobs.value = [...jobs.value, { id, name, phase: 'embedding', done: 0, total: texts.length, failure: null }];
      try {
        const vectors = await embed(texts, own, (done) => change(id, { done }));
        own.throwIfAborted();
        if (isThere(id)) await store.saveVectors(id, vectors);
        put.delete(id);
      } catch (error) {
        // Deleted meanwhile: there is nothing left to learn of it.
        if (isThere(id)) throw error;
      } finally {
        running.delete(id);
        jobs.value = jobs.value.filter((job) => job.id !== id);
      }
    }
  };
  const newWish = () => {
    wish.abort();
    wish = new AbortController();
    return wish.signal;
  };
  const failMeaning = (error: unknown, wanted: AbortSignal) => {
    // Stopped by the person: words still find.
    if (!isAbortError(error) && !wanted.aborted) meaning.value = { kind: 'failed', failure: toFailure(error) };
  };
  const learn = (wanted: AbortSignal) => {
    learning = learning.then(() => embedMissing(wanted)).catch((error: unknown) => failMeaning(error, wanted));
    return learning;
  };

  return {
    documents,
    collections: computed(() => [...new Set(documents.value.map(({ collection }) => collection))].sort()),
    jobs,
    meaning,
    failure,
    store,
    load,
    passedOver,
    add(given, collection) {
      const files = given.filter((file) => !isOfFolder(file) || READABLE.test(file.name));
      passedOver.value = given.length - files.length;
      const added = files.map((file) => ({ file, id: crypto.randomUUID() }));
      jobs.value = [
        ...jobs.value,
        ...added.map(({ file, id }) => ({
          id,
          name: nameOf(file),
          phase: 'waiting' as const,
          done: 0,
          total: 0,
          failure: null,
        })),
      ];
      for (const { id } of added) running.set(id, new AbortController());
      queue = queue.then(async () => {
        for (const { file, id } of added) {
          const controller = running.get(id);
          // Cancelled while it waited.
          if (controller === undefined) continue;
          try {
            await read(id, file, collection, controller.signal);
            jobs.value = jobs.value.filter((job) => job.id !== id);
          } catch (error) {
            if (isAbortError(error)) jobs.value = jobs.value.filter((job) => job.id !== id);
            else change(id, { phase: 'failed', failure: toFailure(error) });
          }
          running.delete(id);
        }
      });
      return queue;
    },
    cancel(jobId) {
      running.get(jobId)?.abort();
      running.delete(jobId);
      jobs.value = jobs.value.filter(({ id }) => id !== jobId);
    },
    async remove(ids) {
      documents.value = documents.value.filter(({ id }) => !ids.includes(id));
      for (const id of ids) running.get(id)?.abort();
      try {
        await store.remove(ids);
        for (const id of ids) put.delete(id);
        await engine.retrieval.remove(ids);
      } catch (error) {
        failure.value = toFailure(error);
      }
      await load();
    },
    async useMeaning(isOn) {
      const wanted = newWish();
      options.onMeaning?.(isOn);
      meaning.value = isOn ? { kind: 'loading', done: 0, total: 0 } : { kind: 'off' };
      if (!isOn) return;
      try {
        await engine.embeddings.load(MEANING_MODEL, {
          onProgress: (event) => {
            if (event.type !== 'download-progress' || wanted.aborted || meaning.value.kind !== 'loading') return;
            meaning.value = { kind: 'loading', done: event.loadedBytes, total: event.totalBytes };
          },
        });
      } catch (error) {
        failMeaning(error, wanted);
        return;
      }
      // Switched off again meanwhile.
      if (wanted.aborted) return;
      meaning.value = { kind: 'on' };
      await learn(wanted);
    },
    async resumeMeaning() {
      if (meaning.value.kind !== 'off') return;
      const wanted = newWish();
      const stored = await engine.models.stored().catch(() => []);
      // Removed meanwhile, by the person or the browser: it is fetched again when it is asked for again.
      if (wanted.aborted || !stored.some(({ id, complete }) => id === MEANING_MODEL && complete)) return;
      meaning.value = { kind: 'on' };
      // What was broken off by a page that closed.
      await learn(wanted);
    },
    async ground(question, chat, signal, about = []) {
      const wanted = documents.value.filter(({ collection }) => chat.collections.includes(collection));
      if (wanted.length === 0) return null;
      if (about.length > 0) return { prompt: promptFrom(question, about), citations: about, answer: null };
      await ensurePut(wanted);
      // Without the model of meanings, words still find.
      const vector =
        meaning.value.kind === 'on'
          ? await engine.embeddings.vectors([question], { model: MEANING_MODEL, truncate: 'end', signal }).then(
              ({ vectors }) => vectors,
              () => null,
            )
          : null;
      const documentIds = wanted.map(({ id }) => id);
      const { hits } = await engine.retrieval.search({ query: question, vector, documentIds, limit: PASSAGES });
      if (hits.length === 0) return { prompt: question, citations: [], answer: options.nothingFits };
      return { ...groundedPrompt(question, hits, options.contextLength()), answer: null };
    },
  };
}

/** Files of a folder keep their path: two of them may have the same name. */
function nameOf(file: File): string {
  return file.webkitRelativePath || file.name;
}

function isOfFolder(file: File): boolean {
  return nameOf(file).includes('/');
}

async function hashOf(file: File): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
