import type { ModelLoadOptions } from '../../client/index.ts';

/** Engines a person can ask for, the first by default. */
export const ENGINE_WISHES = ['auto', 'webgpu', 'threads', 'single-thread'] as const;

export type EngineWish = (typeof ENGINE_WISHES)[number];

/** Kept outside of the vault: the model loads before it is unlocked, and the choice says nothing of anybody. */
const KEY = 'sotto-engine';

/** What a load is asked for. */
export function loadOptionsOf(wish: EngineWish): Pick<ModelLoadOptions, 'backend' | 'threads'> {
  switch (wish) {
    case 'auto':
    case 'webgpu':
      return { backend: wish };
    case 'threads':
      return { backend: 'cpu' };
    case 'single-thread':
      return { backend: 'cpu', threads: 1 };
  }
}

/** The person's choice; `auto` where none was made or it makes no sense. */
export function readEngineWish(): EngineWish {
  try {
    const stored = globalThis.localStorage?.getItem(KEY);
    return ENGINE_WISHES.find((wish) => wish === stored) ?? 'auto';
  } catch {
    return 'auto';
  }
}

export function writeEngineWish(wish: EngineWish): void {
  try {
    localStorage.setItem(KEY, wish);
  } catch {
    // Blocked: the choice holds until the page closes.
  }
}
