import type { Envelope } from './envelope.ts';

/** Shapes that a benchmark can make a model of, with random weights. */
export type BenchShape = '135m' | '1.5b' | '1.7b' | 'tiny';

/** What is measured on: random weights of a shape, a stored model, or a GGUF file of the person. */
export type BenchModel =
  | { readonly kind: 'random'; readonly shape: BenchShape; readonly quantisation: 'Q4_1' | 'Q4_K' | 'Q8_0' | 'Q1_0' }
  | { readonly kind: 'stored'; readonly modelId: string }
  | { readonly kind: 'file'; readonly file: Blob; readonly name: string };

/** An engine of the ladder, or the one that a load without wishes would take. */
export type BenchEngine = 'auto' | 'webgpu' | 'threads' | 'single-thread';

export interface BenchRequest {
  /** Chosen by the caller; `abort(callId)` stops this call and no other. */
  readonly callId: string;
  readonly model: BenchModel;
  readonly engine: BenchEngine;
  /** Tokens in the KV cache at which decoding is measured. */
  readonly decodeAt: readonly number[];
  /** Lengths of prompts. */
  readonly prefill: readonly number[];
  /** Rounds of which the median is taken. */
  readonly rounds: number;
  /** A figure that would take longer than this, by what is known so far, is left out. */
  readonly patienceMs: number;
}

/** `decode`: likeliest token under a repetition penalty; `drawn`: sampled; `logits`: all logits read back each token. */
export type BenchPhase = 'prefill' | 'decode' | 'drawn' | 'logits';

export interface BenchFigure {
  readonly phase: BenchPhase;
  /** Tokens of the prompt, or tokens in the KV cache before the first one that was decoded. */
  readonly tokens: number;
  readonly tokensPerSecond: number;
  /** The single rounds, in their order. */
  readonly rounds: readonly number[];
}

/** What a token costs a GPU beside its arithmetic. */
export interface BenchProfile {
  readonly dispatchesPerToken: number;
  /** Milliseconds of JavaScript in which the commands of a token are recorded. */
  readonly encodeMs: number;
  /** Milliseconds of the device a token; null where it offers no timestamps. */
  readonly deviceMs: number | null;
  /** The same by kernel, all its dispatches of a token together. */
  readonly kernels: readonly { readonly name: string; readonly dispatches: number; readonly deviceMs: number }[];
}

export interface BenchResult {
  readonly engine: BenchEngine;
  readonly backend: 'cpu' | 'webgpu';
  readonly description: string;
  /** Why `auto` took this engine; absent where one was named. */
  readonly reason?: string;
  readonly threads: number;
  readonly model: string;
  readonly loadMs: number;
  readonly memoryBytes: number;
  readonly figures: readonly BenchFigure[];
  /** Null for engines that record no commands. */
  readonly profile: BenchProfile | null;
}

export type BenchEvent =
  | { readonly type: 'bench-load'; readonly share: number }
  | { readonly type: 'bench-figure'; readonly figure: BenchFigure };

/** The port of the benchmark's worker. Every method settles with an envelope; none rejects. */
export interface BenchPort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  measure(request: BenchRequest, onEvent: (event: BenchEvent) => void): Promise<Envelope<BenchResult>>;
  /** The file that is measured on, for other engines to load; small parts that repeat, so it takes no room. */
  modelFile(model: BenchModel & { readonly kind: 'random' }): Promise<Envelope<Blob>>;
  /** Stops a call; unknown ids are ignored. */
  abort(callId: string): void;
}
