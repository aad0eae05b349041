import type { Envelope } from './envelope.ts';
import type { EngineReason, EngineTrial, LoadEvent, ModelSource } from './inference.ts';

export interface EmbeddingLoadOptions {
  /**
   * `auto` (default): begins on the processor, which is ready at once, and goes on on the graphics device when so much is to
   * be done that this pays, and a trial in mid-work agrees. `cpu` and `webgpu` are taken as they are, or refused by code.
   */
  readonly backend?: 'auto' | 'cpu' | 'webgpu';
  /** Compute threads, the embedding thread included; absent: chosen from the device. Ignored (1) where the page is not cross-origin isolated. */
  readonly threads?: number;
  /** Most tokens of one text; absent: the model's own limit, up to 2,048. */
  readonly contextLength?: number;
}

/** As for models that answer; `little-work`: there was not enough to do yet for the graphics device to be worth it. */
export type EncoderReason = EngineReason | 'little-work';

/** What runs an encoder, which can change while it works. */
export interface EncoderEngine {
  readonly backend: 'cpu' | 'webgpu';
  readonly backendDescription: string;
  readonly engineReason: EncoderReason;
  /** Milliseconds a text of a trial took on each engine, where there was one. */
  readonly engineTrial?: EngineTrial;
  readonly threads: number;
  readonly memoryBytes: number;
}

/** What the page needs to know of a loaded encoder. Plain data. */
export interface LoadedEncoder extends EncoderEngine {
  readonly name: string;
  readonly architecture: string;
  readonly fileBytes: number;
  readonly parameters: number;
  /** Values of a vector. */
  readonly dimensions: number;
  /** Most tokens of one text. */
  readonly contextLength: number;
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
  /** Where what runs the encoder changed during the call: what it is now. */
  readonly engine?: EncoderEngine;
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
