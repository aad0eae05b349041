import { type CatalogueEntry, type StoredModel, SYSTEM_FLOWS } from '../protocol/index.ts';

/** A model as the OpenAI API lists it, and what Sotto knows of it. */
export interface ModelEntry {
  readonly id: string;
  readonly object: 'model';
  /** Unknown, and therefore 0: a file does not tell when its model was made. */
  readonly created: 0;
  readonly owned_by: 'this-device';
  readonly sotto: {
    readonly name: string;
    readonly isLoaded: boolean;
    /** Whether all of it is in this browser; false also for a file that was opened from disk. */
    readonly isStored: boolean;
    /** Whether this site offers it. */
    readonly isOffered: boolean;
  };
}

/** All models in one page; `for await` walks over them, as it does with the OpenAI client. */
export interface ModelPage extends AsyncIterable<ModelEntry> {
  readonly object: 'list';
  readonly data: readonly ModelEntry[];
}

interface KnownModels {
  readonly catalogue: readonly CatalogueEntry[];
  readonly stored: readonly StoredModel[];
  readonly loaded: { readonly id: string; readonly name: string } | null;
}

export function pageOfModels({ catalogue, stored, loaded }: KnownModels): ModelPage {
  const names = new Map<string, string>();
  if (loaded !== null) names.set(loaded.id, loaded.name);
  for (const { id, name } of [...stored, ...catalogue]) names.set(id, name);
  const data = [...names].map(([id, name]): ModelEntry => {
    const isStored = stored.some((model) => model.id === id && model.complete);
    const isOffered = catalogue.some((entry) => entry.id === id);
    const sotto = { name, isLoaded: loaded?.id === id, isStored, isOffered };
    return { id, object: 'model', created: 0, owned_by: 'this-device', sotto };
  });
  // A flow answers as a model does; its parts are loaded when it is asked.
  for (const flow of SYSTEM_FLOWS) {
    const sotto = { name: flow, isLoaded: true, isStored: false, isOffered: true };
    data.push({ id: `flow:${flow}`, object: 'model', created: 0, owned_by: 'this-device', sotto });
  }
  return {
    object: 'list',
    data,
    async *[Symbol.asyncIterator]() {
      yield* data;
    },
  };
}
