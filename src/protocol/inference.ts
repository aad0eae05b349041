import type { SottoErrorCode } from '../shared/index.ts';
import type { Envelope } from './envelope.ts';
import type { CompiledGrammar } from './grammar.ts';
import type { OnnxModelSource } from './tasks.ts';

/** Where the bytes of a GGUF file are. Stored weights are verified chunk by chunk while they are read. */
export type ModelSource =
  | { readonly kind: 'stored'; readonly modelId: string }
  | { readonly kind: 'file'; readonly file: Blob; readonly name: string };

/** Where a model that answers is: a GGUF file, or the files of a decoder that exists as ONNX. */
export type DecoderSource = ModelSource | { readonly kind: 'onnx'; readonly model: OnnxModelSource };

export interface LoadOptions {
  readonly backend?: 'auto' | 'cpu' | 'webgpu';
  /** Compute threads, the inference thread included; absent: chosen from the device. Ignored (1) where the page is not cross-origin isolated. */
  readonly threads?: number;
  /** `saving`: half the threads, for a battery or a machine that gets hot; the answers are the same. Absent: `full`. */
  readonly power?: 'full' | 'saving';
  /** How the processor's engine holds keys and values; absent: as suits the model, mostly `int8`. Ignored on WebGPU. */
  readonly kvCache?: 'int8' | 'f16' | 'f32';
  /** A smaller model of the same vocabulary that guesses tokens, which this one checks several at a time. */
  readonly draft?: ModelSource;
  /** Tokens of context to reserve; absent: the smaller of the model's own and the default. */
  readonly contextLength?: number;
  /** A Jinja chat template, or the name of a built-in one (`chatml`, `llama3` …), instead of the file's own. */
  readonly chatTemplate?: string;
}

export type LoadEvent =
  | { readonly type: 'load-progress'; readonly loadedBytes: number; readonly totalBytes: number }
  /** Kernels that the graphics driver has compiled; it does so while the file is read, and nothing is compiled later. */
  | { readonly type: 'kernel-progress'; readonly doneKernels: number; readonly totalKernels: number };

/**
 * Why an engine was taken: named by the caller; no graphics adapter, or one in software; the faster of the two in a trial;
 * the graphics device computed something else than the processor, or could not load the model.
 */
export type EngineReason =
  | 'asked-for'
  | 'no-adapter'
  | 'software-adapter'
  | 'gpu-faster'
  | 'cpu-faster'
  | 'gpu-wrong'
  | 'gpu-failed';

/** Milliseconds a token took on each engine when both were tried on the same tokens. */
export interface EngineTrial {
  readonly cpuMs: number;
  readonly gpuMs: number;
}

/** What the page needs to know of a loaded model. Plain data. */
export interface LoadedModel {
  readonly name: string;
  readonly architecture: string;
  readonly quantisation: string;
  readonly fileBytes: number;
  readonly parameters: number;
  readonly contextLength: number;
  readonly vocabularySize: number;
  readonly backend: 'cpu' | 'webgpu';
  readonly backendDescription: string;
  readonly engineReason?: EngineReason;
  /** The figures behind `gpu-faster` and `cpu-faster`. */
  readonly engineTrial?: EngineTrial;
  readonly threads: number;
  readonly memoryBytes: number;
  /** Weights of block types without a kernel here, and what they are held as ("Q3_K as Q8_0"); empty where there are none. */
  readonly requantised: readonly {
    readonly from: string;
    readonly to: string;
    readonly tensors: number;
    /** Root mean square of the change as a share of that of the weights. */
    readonly relativeError: number;
  }[];
  readonly loadMs: number;
  /** The Jinja chat template in use, or null. */
  readonly chatTemplate: string | null;
  /** Whose it is: the file's own, the caller's, or the usual one of models with these tokens. */
  readonly chatTemplateSource: 'file' | 'option' | 'built-in' | 'none';
  /** Further templates of the file by purpose: `tool_use`, `rag`. */
  readonly namedChatTemplates: Readonly<Record<string, string>>;
  readonly bosToken: string;
  readonly eosToken: string;
  /** Texts of control tokens ("<|im_start|>"), which must stay text where a user writes them. */
  readonly specialTokens: readonly string[];
}

/** A rendered prompt: plain pieces are never read as control tokens, control pieces are. */
export type PromptPiece = { readonly kind: 'template' | 'text'; readonly text: string };

export interface SamplingOptions {
  /** 0: always the likeliest token. */
  readonly temperature: number;
  /** 0: off. */
  readonly topK: number;
  /** 1: off. */
  readonly topP: number;
  /** 0: off. */
  readonly minP: number;
  /** 1: off. */
  readonly repetitionPenalty: number;
  readonly frequencyPenalty: number;
  readonly presencePenalty: number;
  /** Absent or 1: off. */
  readonly typicalP?: number;
  /** Added to the logits of single tokens. */
  readonly logitBias?: readonly (readonly [tokenId: number, bias: number])[];
  /** Same seed, same device, same text. */
  readonly seed: number;
}

export interface GenerateRequest {
  /** Chosen by the caller; `abort(callId)` stops this call and no other. */
  readonly callId: string;
  readonly prompt: readonly PromptPiece[];
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly sampling: SamplingOptions;
  /** How many of the likeliest tokens to report beside each chosen one; absent: no log-probabilities at all. */
  readonly topLogprobs?: number;
  /**
   * What the answer must look like. `key` names it: what was worked out for a key is used again. `prefix` is the beginning
   * of the answer where the prompt has written it already.
   */
  readonly grammar?: { readonly key: string; readonly compiled: CompiledGrammar; readonly prefix?: string };
  /** Control tokens ("<tool_call>") that belong to the answer and are shown in its text; all others are not. */
  readonly visibleTokens?: readonly string[];
  /** Whether tokens may be guessed and checked several at a time; the answer is the same. Absent: where it is faster. */
  readonly speculation?: 'auto' | 'off';
  /**
   * Tokens that the model may think before it must answer, whether the prompt leaves it in the middle of its thinking, and
   * what it writes before and behind it. Absent: as many as it likes.
   */
  readonly thinking?: {
    readonly tokens: number;
    readonly isOpen: boolean;
    readonly open: string;
    readonly close: string;
  };
  /**
   * What happens where the context is full in mid-answer. Absent: the answer ends there. `true`: the beginning of the prompt
   * (at most a quarter of the context) and the last half of the context stay, what lies between is forgotten and told.
   */
  readonly shiftsContext?: boolean;
  /** LoRA adapters that this answer is computed with, by the names they were loaded under. Absent: none. */
  readonly adapter?: string | readonly AdapterUse[];
  /** Several calls share the engine in turns; one in the background lets the others go first. Absent: interactive. */
  readonly priority?: 'interactive' | 'background';
}

/** An adapter in use, and how strongly: 1 (absent) is as it was trained. */
export interface AdapterUse {
  readonly name: string;
  readonly scale?: number;
}

export interface TokenProbability {
  readonly tokenId: number;
  /** The bytes the token stands for, which need not be whole characters; none for control tokens. */
  readonly bytes: Uint8Array;
  /** Natural logarithm of the model's own probability: temperature 1, before bias, penalties, mask and filters. */
  readonly logprob: number;
}

/** One token of an answer and what the model thought of it. */
export interface TokenLogprobs extends TokenProbability {
  /** The likeliest tokens in its place, likeliest first. */
  readonly top: readonly TokenProbability[];
}

export type FinishReason = 'stop' | 'length' | 'abort';

/**
 * Why a text that was kept on the device, and held more of a prompt than anything else, was read again: other kernels, another
 * version of them or other settings had read it; or it had changed on disk, and was removed.
 */
export type RefusedReading = 'other-engine' | 'damaged';

export interface GenerateTimings {
  readonly promptTokens: number;
  /** Prompt tokens already in the KV cache. */
  readonly cachedTokens: number;
  readonly refusedReading?: RefusedReading;
  readonly completionTokens: number;
  readonly firstTokenMs: number;
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
  /** What guessing tokens brought, where it was allowed. */
  readonly speculation?: {
    readonly draftedTokens: number;
    readonly acceptedTokens: number;
    /** How many times longer the same passes would have taken a token at a time, by the measured cost of one. */
    readonly speedUp: number;
    /** The draft model failed with this: from there on the answer was written without guesses. */
    readonly failure?: SottoErrorCode;
  };
}

export interface PrefillEvent {
  readonly type: 'prefill-progress';
  readonly doneTokens: number;
  readonly totalTokens: number;
}

/** The engine was lost in mid-answer and made anew, perhaps of another kind; the answer goes on as if nothing had been. */
export interface EngineRenewedEvent {
  readonly type: 'engine-renewed';
  readonly backend: 'cpu' | 'webgpu';
}

/** The context was full, and the oldest tokens behind the beginning of the prompt were forgotten. */
export interface ContextShiftedEvent {
  readonly type: 'context-shifted';
  readonly droppedTokens: number;
}

export type GenerateEvent =
  | ContextShiftedEvent
  | EngineRenewedEvent
  | PrefillEvent
  | {
      readonly type: 'text-delta';
      readonly text: string;
      readonly tokens: number;
      /** Of the tokens since the last delta, where they were asked for. */
      readonly logprobs?: readonly TokenLogprobs[];
    };

export interface GenerateResult {
  readonly text: string;
  readonly tokenIds: readonly number[];
  readonly promptTokenIds: readonly number[];
  readonly finishReason: FinishReason;
  /** Tokens that were forgotten so that the answer could go on; absent: none. */
  readonly droppedTokens?: number;
  /** One entry a token of `tokenIds`, where they were asked for. */
  readonly logprobs?: readonly TokenLogprobs[];
  readonly timings: GenerateTimings;
}

export interface SaveSessionRequest {
  readonly callId: string;
  /** For people, in lists. */
  readonly name: string;
  readonly prompt: readonly PromptPiece[];
}

/** A text that a model has read, kept on this device so that it need not be read again after a reload. */
export interface SavedSession {
  readonly id: string;
  /** Empty where a locked vault keeps it. */
  readonly name: string;
  /** Name of the model that read it; no other can use it. */
  readonly model: string;
  readonly tokens: number;
  readonly bytes: number;
  /** Milliseconds since 1970, by this device's clock. */
  readonly createdAt: number;
}

/** The port of the inference worker. Every method settles with an envelope; none rejects. */
export interface InferencePort {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
  load(
    callId: string,
    source: DecoderSource,
    options: LoadOptions,
    onEvent: (event: LoadEvent) => void,
  ): Promise<Envelope<LoadedModel>>;
  /**
   * Whether a model could be loaded, by the options and, of a file, by its header; the one that is loaded stays. Rejects with
   * what `load` rejects with before it reads weights.
   */
  check(callId: string, source: DecoderSource, options: LoadOptions): Promise<Envelope<null>>;
  unload(): Promise<Envelope<null>>;
  /** Reads a LoRA adapter (GGUF) beside the loaded model, under a name; resolves with the names of all that are there. */
  loadAdapter(callId: string, name: string, source: ModelSource): Promise<Envelope<readonly string[]>>;
  countTokens(prompt: readonly PromptPiece[]): Promise<Envelope<number>>;
  /** An abort resolves with what was written so far and `finishReason: 'abort'`. */
  generate(request: GenerateRequest, onEvent: (event: GenerateEvent) => void): Promise<Envelope<GenerateResult>>;
  /**
   * Reads a text, unless it was read already, and stores the KV cache. Any later prompt that begins with it finds it there,
   * after a reload too. Rejects with `storage-unavailable`, `storage-full` and what `generate` rejects with.
   */
  saveSession(request: SaveSessionRequest, onEvent: (event: PrefillEvent) => void): Promise<Envelope<SavedSession>>;
  /** Saved sessions of all models, used last first. */
  savedSessions(): Promise<Envelope<readonly SavedSession[]>>;
  /** Deletes a saved session, or all of them (null); one that is not there is no error. */
  deleteSession(id: string | null): Promise<Envelope<null>>;
  /** Stops a load or a generation; unknown ids are ignored. */
  abort(callId: string): void;
  /** Stops a generation for a while, or lets it go on: meanwhile it computes nothing, and the answer is the same. */
  hold(callId: string, isHeld: boolean): void;
}
