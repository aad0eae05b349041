import type { ModelLoadOptions } from '../../client/index.ts';

/** Engines a person can ask for, the first by default. */
export const ENGINE_WISHES = ['auto', 'webgpu', 'threads', 'single-thread'] as const;

export type EngineWish = (typeof ENGINE_WISHES)[number];

/** How models are to be run. Each value's first is the default. */
export interface EngineChoice {
  readonly engine: EngineWish;
  readonly power: (typeof POWERS)[number];
  readonly kvCache: (typeof KV_CACHES)[number];
  /** A model kept here that guesses tokens for the one that runs; null: none. */
  readonly draftModel: string | null;
}

const POWERS = ['full', 'saving'] as const;
const KV_CACHES = ['int8', 'f16', 'f32'] as const;

/** Kept outside of the vault: the model loads before it is unlocked, and the choice says nothing of anybody. */
const KEY = 'sotto-engine';

/** The threads and the engine of a wish. */
export function engineOptionsOf(wish: EngineWish): Pick<ModelLoadOptions, 'backend' | 'threads'> {
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

/** What else a load is asked for: whatever the engine. */
export function runOptionsOf({ power, kvCache, draftModel }: EngineChoice, modelId: string): ModelLoadOptions {
  return {
    // Defaults stay unsaid: an engine that knows no such choice has nothing to refuse.
    ...(power === 'full' ? {} : { power }),
    ...(kvCache === 'int8' ? {} : { kvCache }),
    // None guesses for itself.
    ...(draftModel === null || draftModel === modelId ? {} : { draftModel }),
  };
}

/** The person's choice, each part its default where none was made or it makes no sense. */
export function readEngineChoice(): EngineChoice {
  const stored = storedChoice();
  const { draftModel } = stored;
  return {
    engine: known(ENGINE_WISHES, stored.engine),
    power: known(POWERS, stored.power),
    kvCache: known(KV_CACHES, stored.kvCache),
    draftModel: typeof draftModel === 'string' && draftModel !== '' ? draftModel : null,
  };
}

export function writeEngineChoice(choice: EngineChoice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Blocked: the choice holds until the page closes.
  }
}

function storedChoice(): Readonly<Partial<Record<keyof EngineChoice, unknown>>> {
  try {
    const text = globalThis.localStorage?.getItem(KEY) ?? '{}';
    // An older version kept the engine's name alone.
    if (!text.startsWith('{')) return { engine: text };
    return JSON.parse(text) as Partial<Record<keyof EngineChoice, unknown>>;
  } catch {
    return {};
  }
}

function known<const T extends string>(values: readonly [T, ...T[]], value: unknown): T {
  return values.find((candidate) => candidate === value) ?? values[0];
}
