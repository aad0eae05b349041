import type { Envelope } from './envelope.ts';
import type { LoadEvent, ModelSource } from './inference.ts';

export interface EmbeddingLoadOptions {
  /** Compute threads, the embedding thread included; absent: chosen from the device. Ignored (1) where the page is not cross-origin isolated. */
  readonly threads?: number;
  /** Most tokens of one text; absent: the model's own limit, up to 2,048. */
  readonly contextLength?: number;
}

/** What the page needs to know of a loaded encoder. Plain data. */
export interface LoadedEncoder {
  readonly name: string;
  readonly architecture: string;
  readonly fileBytes: number;
  readonly parameters: number;
  /** Values of a vector. */
  readonly dimensions: number;
  /** Most tokens of one text. */
  readonly contextLength: number;
  readonly backend: 'cpu';
  readonly backendDescription: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly loadMs: number;
}

export interface EmbedRequest {
  /** Chosen by the caller; `abort(callId)` stops this call and no other. */
  readonly callId: string;
  readonly texts: readonly string[];
  /** What happens to a text that is too long: `none` refuses the call, `end` leaves the end of the text out. */
  readonly truncate: 'none' | 'end';
  /** Instead of `texts`: texts cut into words. One vector a word comes back, seen in its text. */
  readonly words?: readonly (readonly string[])[];
}

export type EmbedEvent = { readonly type: 'embed-progress'; readonly doneTexts: number; readonly totalTexts: number };

export interface EmbedResult {
  /** [texts × dimensions], or [all words × dimensions], each of unit length. */
  readonly vectors: Float32Array;
  readonly dimensions: number;
  /** Tokens read, those around each text included. */
  readonly tokens: number;
}

/** The port of the embedding worker. Every method settles with an envelope; none rejects. */
export interface EmbeddingPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  load(
    callId: string,
    source: ModelSource,
    options: EmbeddingLoadOptions,
    onEvent: (event: LoadEvent) => void,
  ): Promise<Envelope<LoadedEncoder>>;
  embed(request: EmbedRequest, onEvent: (event: EmbedEvent) => void): Promise<Envelope<EmbedResult>>;
  unload(): Promise<Envelope<null>>;
  /** Stops a load or a call; unknown ids are ignored. */
  abort(callId: string): void;
}
