import { type Lazy, lazily, once } from '../lazily.ts';
import type { Workers } from '../workers.ts';
import type { ModelLibrary } from './model-library.ts';

/** The methods of a library, whose code comes when one of them is first called. */
export type LazyLibrary = Lazy<ModelLibrary>;

/** Adds the library's methods to the models: most pages load one model and need none of it. */
export function withLibrary<M extends object>(models: M, workers: Workers): M & LazyLibrary {
  const library = once(async () => new (await import('./model-library.ts')).ModelLibrary(workers));
  const methods = lazily<ModelLibrary>(library, {
    known: 1,
    download: 1,
    pause: 1,
    verify: 1,
    repair: 1,
    import: 1,
    export: 1,
    changes: 1,
    acceptChange: 1,
    plan: 1,
    recommend: 1,
    storage: 1,
    moveTo: 1,
    evicted: 1,
    forget: 1,
    leastUsed: 1,
    watch: 1,
  });
  return Object.assign(models, methods);
}
