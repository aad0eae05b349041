import type { CompletionRunner } from './completion-runner.ts';
import type { Embeddings } from './embeddings.ts';
import { type Lazy, lazily, once } from './lazily.ts';
import type { Retrieval } from './retrieval.ts';
import type { Completions } from './text-completions.ts';
import type { Workers } from './workers.ts';

/** Parts that a page which only chats needs nothing of. */
export function lazyEmbeddings(workers: Workers): Lazy<Embeddings> {
  let made: Embeddings | undefined;
  const embeddings = once(async () => {
    made = new (await import('./parts.ts')).Embeddings(workers);
    return made;
  });
  return Object.defineProperty(
    lazily<Embeddings>(embeddings, { load: 1, create: 1, vectors: 1, wordVectors: 1, unload: 1 }),
    'loaded',
    { get: () => made?.loaded ?? null, enumerable: true },
  ) as Lazy<Embeddings>;
}

export function lazyRetrieval(workers: Workers): Lazy<Retrieval> {
  const retrieval = once(async () => new (await import('./parts.ts')).Retrieval(workers));
  return Object.defineProperty(
    lazily<Retrieval>(retrieval, { read: 1, text: 1, knowledge: 1, put: 1, remove: 1, search: 1 }),
    'generation',
    { get: () => workers.ingest.incarnation, enumerable: true },
  ) as Lazy<Retrieval>;
}

export function lazyCompletions(runner: CompletionRunner): Lazy<Completions> {
  const completions = once(async () => new (await import('./parts.ts')).Completions(runner));
  return lazily<Completions>(completions, { create: 1 });
}
