import type { ConversionEvent, DownloadEvent, LoadEvent, LoadedModel, LoadOptions } from '../protocol/index.ts';

export type ModelLoadEvent = DownloadEvent | LoadEvent | ConversionEvent;

export interface ModelLoadOptions extends Omit<LoadOptions, 'draft'> {
  /** A smaller model of the same vocabulary, to guess tokens that this one checks: faster, and the answers are the same. */
  readonly draftModel?: string | File | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: ModelLoadEvent) => void) | undefined;
}

/** How an adapter is read: everything else is the loaded model's. */
export type AdapterLoadOptions = Pick<ModelLoadOptions, 'signal' | 'onProgress'>;

/** A loaded model and the name by which requests ask for it. */
export type ReadyModel = LoadedModel & { readonly id: string };
