import type { ModelLoadOptions } from '../../client/index.ts';

export interface QueryOptions {
  readonly load: Pick<ModelLoadOptions, 'backend' | 'threads'>;
  /** Model of the catalogue to open; null: the first. */
  readonly modelId: string | null;
  /** Options that were given but cannot be honoured, as `name=value`: said, never ignored. */
  readonly refused: readonly string[];
}

const MAX_THREADS = 64;

/** Reads `?backend=cpu|webgpu|auto`, `?threads=N` and `?model=ID`. */
export function parseQuery(search: string): QueryOptions {
  const query = new URLSearchParams(search);
  const refused: string[] = [];
  const load: { backend?: 'auto' | 'cpu' | 'webgpu'; threads?: number } = {};

  const backend = query.get('backend');
  if (backend === 'auto' || backend === 'cpu' || backend === 'webgpu') load.backend = backend;
  else if (backend !== null) refused.push(`backend=${backend}`);

  const threads = query.get('threads');
  if (threads !== null) {
    const count = /^\d{1,3}$/.test(threads) ? Number(threads) : 0;
    if (count >= 1 && count <= MAX_THREADS) load.threads = count;
    else refused.push(`threads=${threads}`);
  }
  return { load, modelId: query.get('model'), refused };
}
