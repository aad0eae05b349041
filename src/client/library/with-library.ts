import type { Workers } from '../workers.ts';
import type { ModelLibrary } from './model-library.ts';

const METHODS = [
  'known',
  'download',
  'pause',
  'verify',
  'repair',
  'import',
  'export',
  'changes',
  'acceptChange',
  'plan',
  'recommend',
  'storage',
  'moveTo',
  'evicted',
  'forget',
  'leastUsed',
  'watch',
] as const satisfies readonly (keyof ModelLibrary)[];

/** The methods of a library, whose code comes when one of them is first called. */
export type LazyLibrary = Pick<ModelLibrary, (typeof METHODS)[number]>;

/** Adds the library's methods to the models: most pages load one model and need none of it. */
export function withLibrary<M extends object>(models: M, workers: Workers): M & LazyLibrary {
  let library: Promise<ModelLibrary> | undefined;
  const load = () => {
    library ??= import('./model-library.ts').then((module) => new module.ModelLibrary(workers));
    return library;
  };
  for (const name of METHODS) {
    Object.assign(models, {
      [name]: async (...values: never[]) =>
        ((await load())[name] as (...values: never[]) => unknown).apply(await load(), values),
    });
  }
  return models as M & LazyLibrary;
}
