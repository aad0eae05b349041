import type { DownloadEvent, EmbeddingLoadOptions, EmbedEvent, LoadEvent, LoadedEncoder } from '../protocol/index.ts';

/** The encoder that answers where a request names none. */
export const DEFAULT_EMBEDDING_MODEL = 'all-minilm-l6-v2';

/** A request as the OpenAI API writes it, and Sotto's own `truncate`. */
export interface EmbeddingRequest {
  /** An id of the catalogue, or the name of a file that was loaded. Default: `all-minilm-l6-v2`. */
  readonly model?: string | undefined;
  /** One text or several; token ids are refused. */
  readonly input: string | readonly string[];
  /** `float` (default): lists of numbers; `base64`: 32-bit floats, little-endian, as the API writes them. */
  readonly encoding_format?: 'float' | 'base64' | null | undefined;
  /** Keeps the first values only, at unit length again; for models trained so. */
  readonly dimensions?: number | null | undefined;
  /** `none` (default): a text that is too long rejects the call with `prompt-too-long`; `end`: its end is left out. */
  readonly truncate?: 'none' | 'end' | null | undefined;
  /** A label for a server's records; accepted, without effect. */
  readonly user?: string | null | undefined;
}

/** Each embedding as it was asked for: `base64` is a text. */
export interface EmbeddingResponse<Embedding extends readonly number[] | string = readonly number[] | string> {
  readonly object: 'list';
  readonly data: readonly {
    readonly object: 'embedding';
    readonly index: number;
    readonly embedding: Embedding;
  }[];
  readonly model: string;
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

/** A loaded encoder and the name by which requests ask for it. */
export type ReadyEncoder = LoadedEncoder & { readonly id: string };

export interface EmbeddingLoadRequest extends EmbeddingLoadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: DownloadEvent | LoadEvent) => void) | undefined;
}

export interface EmbeddingCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((event: EmbedEvent) => void) | undefined;
}
