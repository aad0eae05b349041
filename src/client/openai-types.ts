import type { ChatMessage, FinishReason, GenerateTimings } from '../protocol/index.ts';

/** A message as the OpenAI chat API writes it; content may come in text parts. */
export interface ChatCompletionMessage {
  readonly role: ChatMessage['role'];
  readonly content: string | readonly { readonly type: 'text'; readonly text: string }[];
}

/** What chat and text completions share. Absent fields take the model's own defaults (its manifest's, else Sotto's). */
export interface SamplingParameters {
  /** 0 to 2; 0 always takes the likeliest token. */
  readonly temperature?: number | null | undefined;
  /** 0 to 1; 1 is off. */
  readonly top_p?: number | null | undefined;
  /** 0 is off. */
  readonly top_k?: number | null | undefined;
  /** 0 to 1; 0 is off. */
  readonly min_p?: number | null | undefined;
  /** Above 0; 1 is off. */
  readonly repetition_penalty?: number | null | undefined;
  /** -2 to 2. */
  readonly frequency_penalty?: number | null | undefined;
  /** -2 to 2. */
  readonly presence_penalty?: number | null | undefined;
  /** An integer; same seed, same device, same text. Absent: a random one, told in the result. */
  readonly seed?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly max_tokens?: number | null | undefined;
  readonly max_completion_tokens?: number | null | undefined;
  /** Only 1: one answer a request. */
  readonly n?: 1 | null | undefined;
}

export interface ChatCompletionRequest extends SamplingParameters {
  readonly model: string;
  readonly messages: readonly ChatCompletionMessage[];
  readonly stream?: boolean | null | undefined;
}

export interface CompletionRequest extends SamplingParameters {
  readonly model: string;
  readonly prompt: string;
  readonly stream?: boolean | null | undefined;
}

export interface RequestOptions {
  /** Before the start: rejects with AbortError. Later: the answer ends with `finish_reason: 'abort'`. */
  readonly signal?: AbortSignal | undefined;
}

export interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

/** What Sotto adds to the last chunk and to a whole completion. */
export interface SottoExtras {
  readonly tokenIds: readonly number[];
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
}

interface Finished {
  readonly usage: CompletionUsage;
  readonly timings: GenerateTimings;
  readonly sotto: SottoExtras;
}

interface Identified<Kind extends string> {
  readonly id: string;
  readonly object: Kind;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

/** One piece of a streamed chat answer; `usage`, `timings` and `sotto` come with the last one. */
export interface ChatCompletionChunk extends Identified<'chat.completion.chunk'>, Partial<Finished> {
  readonly choices: readonly {
    readonly index: 0;
    readonly delta: { readonly role?: 'assistant'; readonly content?: string };
    readonly finish_reason: FinishReason | null;
  }[];
}

export interface ChatCompletion extends Identified<'chat.completion'>, Finished {
  readonly choices: readonly {
    readonly index: 0;
    readonly message: { readonly role: 'assistant'; readonly content: string };
    readonly finish_reason: FinishReason;
  }[];
}

/** One piece of a streamed text completion, and the whole of one that is not streamed. */
export interface CompletionChunk extends Identified<'text_completion'>, Partial<Finished> {
  readonly choices: readonly {
    readonly index: 0;
    readonly text: string;
    readonly finish_reason: FinishReason | null;
  }[];
}

export interface Completion extends Identified<'text_completion'>, Finished {
  readonly choices: readonly { readonly index: 0; readonly text: string; readonly finish_reason: FinishReason }[];
}
