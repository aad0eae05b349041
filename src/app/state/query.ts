import type { ModelLoadOptions } from '../../client/index.ts';
import { ENGINE_WISHES, engineOptionsOf } from './engine-choice.ts';

export interface QueryOptions {
  readonly load: Pick<ModelLoadOptions, 'backend' | 'threads'>;
  /** Model of the catalogue to open; null: the first. */
  readonly modelId: string | null;
  /** Options that were given but cannot be honoured, as `name=value`: said, never ignored. */
  readonly refused: readonly string[];
}

const MAX_THREADS = 64;

/** Reads `?backend=auto|webgpu|cpu|threads|single-thread` (`cpu` and `threads` are one), `?threads=N` and `?model=ID`. */
export function parseQuery(search: string): QueryOptions {
  const query = new URLSearchParams(search);
  const refused: string[] = [];
  const load: { backend?: 'auto' | 'cpu' | 'webgpu'; threads?: number } = {};

  const backend = query.get('backend');
  const wish = ENGINE_WISHES.find((known) => known === (backend === 'cpu' ? 'threads' : backend));
  if (wish !== undefined) Object.assign(load, engineOptionsOf(wish));
  else if (backend !== null) refused.push(`backend=${backend}`);

  const threads = query.get('threads');
  if (threads !== null) {
    const count = /^\d{1,3}$/.test(threads) ? Number(threads) : 0;
    if (count >= 1 && count <= MAX_THREADS) load.threads = count;
    else refused.push(`threads=${threads}`);
  }
  return { load, modelId: query.get('model'), refused };
}
