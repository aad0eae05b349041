import type { GgufFile } from '../../formats/gguf/types.ts';
import type { ByteSource } from '../../shared/index.ts';

/** What a forward pass should leave behind. `none` is for prefill chunks whose logits nobody reads. */
export type LogitsWanted = 'none' | 'last' | 'all';

/**
 * The logits that the next token is chosen by. An engine may have the others nearly, and below the highest: it reads less then.
 */
export interface ExactLogits {
  /** So many of the highest, those of `besides` not counted. */
  readonly highest: number;
  /** Tokens whose logits may be changed before one is chosen. */
  readonly besides?: readonly number[];
  /**
   * For the engine to fill, where it knows: all tokens whose logits are among the highest, and `besides`; a few more may be among
   * them. Each once, ascending.
   */
  readonly candidates?: number[];
}

/** What follows each token of a pass, computed when it is asked for: of guesses that turn out wrong, none is. */
export interface LogitRows {
  /**
   * `[vocabulary]` logits behind token `row` of the pass, of which `exact` have to be: a view that the next call overwrites. Undefined
   * where another pass has run since.
   */
  at(row: number, exact?: ExactLogits): Float32Array | undefined;
}

export interface ForwardOptions {
  readonly logits?: LogitsWanted;
  /** Which of the logits of `last` have to be exact; absent: all. */
  readonly exact?: ExactLogits | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an engine needs to know to choose tokens as the caller would; the fields are those of `SamplingOptions`. */
export interface AheadSampling {
  readonly temperature: number;
  /** 1 to `MOST_AHEAD_CANDIDATES` where the temperature is not 0. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
}

export interface AheadOptions {
  /** Most tokens to yield; fewer come where the KV cache is full or the engine cannot decide. */
  readonly maxTokens: number;
  readonly sampling: AheadSampling;
  /** What the penalties count, oldest first: the last tokens up to and with the one that is appended first. */
  readonly recent: ArrayLike<number>;
  /** The next `count` numbers in [0, 1) that draws will use, one a token. */
  readonly randoms: (count: number) => readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** Likeliest first, of equals the lowest token first; penalties are in the logits. */
export interface AheadCandidates {
  readonly tokens: readonly number[];
  readonly logits: Float32Array;
}

/** A token the engine chose and went on with. */
export interface AheadStep {
  readonly token: number;
  /** What it was drawn from; absent at temperature 0. */
  readonly candidates?: AheadCandidates;
}

/** Candidates of an `AheadStep`: top-k above this is not drawn ahead. */
export const MOST_AHEAD_CANDIDATES = 64;

/** Weights of a block type that an engine has no kernel for, held as the nearest type that it has one for. */
export interface RequantisedWeights {
  readonly from: string;
  readonly to: string;
  readonly tensors: number;
  /** Root mean square of the change as a share of that of the weights. */
  readonly relativeError: number;
}

/** Tokens of a page of the KV cache, the unit in which it is copied. Attention blocks of every engine divide it. */
export const CACHE_PAGE_TOKENS = 64;

/** Copies of a KV cache: what one conversation read is kept while another one uses the engine, and across reloads. */
export interface CachePages {
  readonly pageBytes: number;
  /** Names the layout of a page. Pages go back only into an engine of the same format and the same weights. */
  readonly format: string;
  /**
   * Copies of pages [from, to), page `i` holding tokens 64 i to 64 i + 63; what lies behind `position` is arbitrary.
   * A call like `forward`: one at a time.
   */
  read(from: number, to: number): Promise<readonly Uint8Array[]>;
  /**
   * Puts pages back, the first as page `from`, of which the cache must hold all tokens before. It then holds `tokens`, all
   * of which the pages and what lies before them were computed from. A call like `forward`: one at a time.
   */
  write(from: number, pages: readonly Uint8Array[], tokens: readonly number[]): Promise<void>;
}

/** An adapter in use, and how strongly: 1 is as it was trained. */
export interface AdapterChoice {
  readonly name: string;
  readonly scale: number;
}

/** What a token costs an engine beside its arithmetic. */
export interface EngineProfile {
  readonly dispatchesPerToken: number;
  /** Milliseconds in which the commands of a token are recorded. */
  readonly encodeMs: number;
  /** Milliseconds of the device a token; undefined where it offers no timestamps. */
  readonly deviceMs: number | undefined;
  /** The same by kernel, all its dispatches of a token together. */
  readonly kernels: readonly { readonly name: string; readonly dispatches: number; readonly deviceMs: number }[];
}

/** Low-rank adapters (LoRA) beside the model's own weights. */
export interface Adapters {
  readonly loaded: readonly string[];
  /** Reads a GGUF adapter for this model into memory, under a name. It changes nothing until it is used. */
  load(name: string, gguf: GgufFile, source: ByteSource, signal?: AbortSignal): Promise<void>;
  /**
   * From the next token on exactly these apply. Forgets the KV cache where they differ from those in use: what it holds was
   * computed with others. Throws `invalid-option` for one that is not loaded.
   */
  use(chosen: readonly AdapterChoice[]): void;
}

/**
 * One text in an engine's memory: its KV cache and what is computed on it.
 * After an abort the cache holds whole chunks only, and `position` says how many tokens.
 */
export interface Lane {
  /** Tokens in the KV cache. */
  readonly position: number;
  /**
   * Appends `tokens` to the KV cache and returns logits: `[vocabulary]` for `last`, `[tokens × vocabulary]` for `all`,
   * an empty array for `none`. The array is a view that the next call overwrites: copy what must outlive it.
   * Lets messages in before it computes and between chunks, if their last turn is some milliseconds ago, so that an abort can arrive.
   */
  forward(tokens: ArrayLike<number>, options?: ForwardOptions): Promise<Float32Array>;
  /** The same for a pass whose rows of logits are wanted one after the other, the later ones perhaps not. Absent: `all` are computed. */
  readonly forwardRows?: ((tokens: ArrayLike<number>, signal?: AbortSignal) => Promise<LogitRows>) | undefined;
  /** Absent where an engine cannot copy its cache. */
  readonly pages?: CachePages | undefined;
  /**
   * Forgets all tokens from `position` on. A model whose layers carry a state from token to token can be cut at some places
   * only: it may forget a few more, and `position` says where it stands.
   */
  truncate(position: number): void;
}

/** Several texts in one engine, and one step of each in one pass: weights are read once for all of them. */
export interface Lanes {
  /** How many there can be, the one that the engine itself is included. */
  readonly most: number;
  /** Memory for one more; undefined where there is none. A call like `forward`: not while another runs, and views are lost. */
  open(): Lane | undefined;
  /**
   * Appends one token to each of several lanes; gives back the logits that follow, in the same order: views that the next
   * call overwrites. Each is to the last bit what a step of its own would give. A call like `forward`; where it rejects, no
   * lane has changed.
   */
  step(steps: readonly LaneStep[]): Promise<readonly Float32Array[]>;
}

export interface LaneStep {
  readonly lane: Lane;
  readonly token: number;
}

/** The port every engine implements: a decoder with at least one text. One call runs at a time, whatever its lane. */
export interface DecoderBackend extends Lane {
  readonly kind: 'cpu' | 'webgpu';
  /** What runs, for people: "WebAssembly, relaxed SIMD", for example. */
  readonly description: string;
  readonly threads: number;
  readonly vocabularySize: number;
  /** Most tokens the KV cache can hold. */
  readonly contextLength: number;
  /** Bytes held for weights and KV cache. */
  readonly memoryBytes: number;
  /** What was requantised at load; absent or empty: every weight is computed with as the file has it. */
  readonly requantised?: readonly RequantisedWeights[];
  /**
   * A faster way to the same tokens, where an engine has one: appends `token`, chooses the next one as the sampler would,
   * yields it, appends that, and so on, several steps ahead of the caller. A caller that decides otherwise ends the loop.
   * However it ends, the KV cache then holds `token` and all yielded tokens but the last. A call like `forward`: no other
   * may run until the generator has ended. Rejects like `forward`, and with `numeric-fault`.
   */
  decodeAhead?(token: number, options: AheadOptions): AsyncGenerator<AheadStep, void, undefined>;
  /** For benchmarks; absent where an engine records no commands. What lies behind `position` is lost. A call like `forward`. */
  readonly profile?: (() => Promise<EngineProfile>) | undefined;
  /** False where cutting a few tokens off the end means to read others again: guessing ahead does not pay there. */
  readonly rewindsFreely?: boolean;
  /** Absent where an engine runs no adapters. */
  readonly adapters?: Adapters | undefined;
  /** Absent where an engine computes one text at a time. */
  readonly lanes?: Lanes | undefined;
  /**
   * Computes single tokens with so many of its threads from the next call on, until it finds by itself that others do better.
   * Prompts are read with all. The results are the same. Absent where an engine has no threads.
   */
  useThreads?(count: number): void;
  /** Tells the compute threads to sleep until the next `forward`; call it when a turn ends. */
  park(): void;
  /** Gives threads and memory back; later calls reject with `disposed`. */
  dispose(): void;
}
