import type {
  AdapterUse,
  ChatMessage,
  FinishReason,
  FlowResult,
  FlowStep,
  FlowTrace,
  GenerateTimings,
} from '../protocol/index.ts';
import type { ReasoningEffort } from './reasoning.ts';
import type { ChatCompletionTool, ChatCompletionToolCall, ToolCallDelta, ToolChoice } from './tools/tool-types.ts';

/** A message as the OpenAI chat API writes it; content may come in text parts. `developer` is read as `system`. */
export interface ChatCompletionMessage {
  readonly role: ChatMessage['role'] | 'developer';
  /** Null only where an assistant calls tools and says nothing. */
  readonly content?: string | readonly { readonly type: 'text'; readonly text: string }[] | null | undefined;
  /** Who speaks, for templates that tell several people apart. */
  readonly name?: string | null | undefined;
  /** The calls of an assistant's message. */
  readonly tool_calls?: readonly ChatCompletionToolCall[] | undefined;
  /** Which call a `tool` message answers. */
  readonly tool_call_id?: string | undefined;
  /** As answers have it, so that they can be sent back; without effect. */
  readonly refusal?: string | null | undefined;
  /** What was thought before an earlier answer: taken, and not shown to the model again. */
  readonly reasoning_content?: string | null | undefined;
}

/** Why an answer ended: as any other, or with calls of tools. */
export type ChatFinishReason = FinishReason | 'tool_calls';

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
  /** An integer from 0 to 4,294,967,295; same seed, same device, same text. Absent: a random one, told in the result. */
  readonly seed?: number | null | undefined;
  /** `off`: one token a pass of the model; `auto` or absent: several where that is faster. The answer is the same. */
  readonly speculation?: 'auto' | 'off' | null | undefined;
  /** LoRA adapters for this answer, by the names they were loaded under (`sotto.models.loadAdapter`). */
  readonly adapter?: string | readonly AdapterUse[] | null | undefined;
  /** `background` lets `interactive` requests (the default) of all tabs go first. */
  readonly priority?: 'interactive' | 'background' | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly max_tokens?: number | null | undefined;
  /** Answers to the same prompt, 1 to 16; their seeds follow each other. */
  readonly n?: number | null | undefined;
  /** 0 to 1; 1 is off. */
  readonly typical_p?: number | null | undefined;
  /** Token id → what is added to its logit, -100 to 100. */
  readonly logit_bias?: Readonly<Record<string, number>> | null | undefined;
  /** Accepted, without effect: there is no server to keep it. */
  readonly user?: string | null | undefined;
}

/** What both kinds of request say of streaming. */
interface StreamParameters {
  readonly stream?: boolean | null | undefined;
  /** `include_usage`: the usage comes in a last chunk of its own, with no choices. */
  readonly stream_options?:
    | { readonly include_usage?: boolean | undefined; readonly include_obfuscation?: false | undefined }
    | null
    | undefined;
}

/** What an answer must look like: the API's own kinds, and Sotto's `regex`, `grammar` (GBNF) and `choice`. */
export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly json_schema: {
        readonly name: string;
        readonly description?: string | undefined;
        readonly schema?: Readonly<Record<string, unknown>> | undefined;
        readonly strict?: boolean | null | undefined;
      };
    }
  | { readonly type: 'regex'; readonly regex: string | RegExp }
  | { readonly type: 'grammar'; readonly grammar: string }
  | { readonly type: 'choice'; readonly choices: readonly string[] };

export interface ChatCompletionRequest extends SamplingParameters, StreamParameters {
  readonly model: string;
  /**
   * What happens to a conversation longer than the context. `error` (default): `prompt-too-long`. `truncate-middle`: the oldest
   * turns after the system prompt are left out, message by message, and `sotto.dropped` says how much. `shift`: the same, and
   * an answer that fills the context goes on, its middle forgotten, which `sotto.dropped` counts too.
   */
  readonly context_policy?: 'error' | 'truncate-middle' | 'shift' | null | undefined;
  /** Where the last one is the assistant's, the answer goes on where it ends. */
  readonly messages: readonly ChatCompletionMessage[];
  /** Goes before `max_tokens`. */
  readonly max_completion_tokens?: number | null | undefined;
  readonly logprobs?: boolean | null | undefined;
  /** The likeliest tokens to report in each place, 0 to 20; needs `logprobs`. */
  readonly top_logprobs?: number | null | undefined;
  readonly response_format?: ResponseFormat | null | undefined;
  readonly tools?: readonly ChatCompletionTool[] | null | undefined;
  readonly tool_choice?: ToolChoice | null | undefined;
  /** Whether an answer may call several tools; true where absent. */
  readonly parallel_tool_calls?: boolean | null | undefined;
  /**
   * How much of the answer's tokens a model that thinks may think with: `none` nothing, `minimal` a tenth, `low` a fifth,
   * `medium` half, `high` four fifths, `xhigh` nine tenths. Where they are spent it must answer.
   */
  readonly reasoning_effort?: ReasoningEffort | null | undefined;
  /** The same, or a number of tokens. */
  readonly reasoning?:
    | { readonly effort?: ReasoningEffort | null | undefined; readonly max_tokens?: number | null | undefined }
    | null
    | undefined;
  /** Where the thinking of a model that thinks goes: to `reasoning_content` (default), or into the text with its tags. */
  readonly reasoning_format?: 'separate' | 'inline' | null | undefined;
  /** Variables for the model's chat template by name, as servers take them: `{ enable_thinking: false }`. */
  readonly chat_template_kwargs?: Readonly<Record<string, unknown>> | null | undefined;
  /** Texts to answer from, for templates that know of documents; mostly with `title` and `text`. */
  readonly documents?: readonly Readonly<Record<string, unknown>>[] | null | undefined;
  /** Labels for a server's records; accepted, without effect. */
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly safety_identifier?: string | null | undefined;
  readonly prompt_cache_key?: string | null | undefined;
  readonly store?: false | null | undefined;
  readonly service_tier?: 'auto' | 'default' | null | undefined;
  readonly modalities?: readonly ['text'] | null | undefined;
}

export interface CompletionRequest extends SamplingParameters, StreamParameters {
  readonly model: string;
  readonly prompt: string | readonly string[];
  /** Gives the prompt back before the answer. */
  readonly echo?: boolean | null | undefined;
  readonly best_of?: 1 | null | undefined;
  /** The likeliest tokens to report in each place, 0 to 5. */
  readonly logprobs?: number | null | undefined;
}

export interface RequestOptions {
  /** Before the start: rejects with AbortError. Later: the answer ends with `finish_reason: 'abort'`. */
  readonly signal?: AbortSignal | undefined;
}

/** A conversation whose tokens are to be counted: any chat request. What does not change its prompt changes nothing here. */
export type TokenCountRequest = ChatCompletionRequest;

export interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
}

interface TokenLogprob {
  readonly token: string;
  /** Natural logarithm of the model's own probability, before any sampling option. */
  readonly logprob: number;
  /** The token's bytes, which need not be whole characters. */
  readonly bytes: readonly number[];
}

/** One entry a token, those of thinking included. */
export interface ChatLogprobs {
  readonly content: readonly (TokenLogprob & { readonly top_logprobs: readonly TokenLogprob[] })[];
  readonly refusal: null;
}

export interface TextLogprobs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  readonly top_logprobs: readonly Readonly<Record<string, number>>[];
  readonly text_offset: readonly number[];
}

/** What a conversation lost so that its end could be read, or its answer go on. */
export interface DroppedMessages {
  /** Messages left out, the oldest of the conversation; the system prompt never is. */
  readonly messages: number;
  /** Tokens they took, and those that were forgotten in the middle of the answer. */
  readonly tokens: number;
}

/** How a flow came to its answer: comes where the model is "flow:NAME". */
export interface FlowAnswer {
  readonly status: FlowResult['status'];
  /** The whole result; `content` is what of it a person reads. */
  readonly output: unknown;
  readonly trace: FlowTrace;
}

/** What Sotto adds to the last chunk and to a whole completion. */
export interface SottoExtras {
  readonly tokenIds: readonly number[];
  readonly promptTokenIds: readonly number[];
  readonly seed: number;
  /** What `context_policy` left out; absent where all was read. */
  readonly dropped?: DroppedMessages;
  readonly flow?: FlowAnswer;
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

/**
 * One piece of a streamed chat answer. `timings` and `sotto` come with the last piece of each answer, `usage` with the
 * last of all (in a chunk without choices, where the request asked for that).
 */
export interface ChatCompletionChunk extends Identified<'chat.completion.chunk'>, Partial<Finished> {
  readonly choices: readonly {
    readonly index: number;
    readonly delta: {
      readonly role?: 'assistant';
      readonly content?: string;
      /** What a thinking model thinks before it answers. */
      readonly reasoning_content?: string;
      readonly tool_calls?: readonly ToolCallDelta[];
    };
    readonly finish_reason: ChatFinishReason | null;
    readonly logprobs?: ChatLogprobs | null;
    /** Where `response_format` asks for JSON: what the value holds so far. */
    readonly partial?: unknown;
  }[];
  /** Where the model is a flow: a step that ended. */
  readonly flow_step?: FlowStep;
  /** What `context_policy` has left out until now: in the first piece behind each loss. */
  readonly dropped?: DroppedMessages;
}

/** A whole chat answer; `timings` and `sotto` are those of the first choice. */
export interface ChatCompletion extends Identified<'chat.completion'>, Finished {
  readonly choices: readonly {
    readonly index: number;
    readonly message: {
      readonly role: 'assistant';
      readonly content: string;
      readonly refusal: null;
      readonly reasoning_content?: string;
      /** Where `response_format` asks for JSON: the value; null where the answer was cut before its end. */
      readonly parsed?: unknown;
      readonly tool_calls?: readonly ChatCompletionToolCall[];
    };
    readonly finish_reason: ChatFinishReason;
    readonly logprobs: ChatLogprobs | null;
  }[];
}

/** One piece of a streamed text completion, and the whole of one that is not streamed. */
export interface CompletionChunk extends Identified<'text_completion'>, Partial<Finished> {
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    readonly finish_reason: FinishReason | null;
    readonly logprobs: TextLogprobs | null;
  }[];
}

export interface Completion extends Identified<'text_completion'>, Finished {
  readonly choices: readonly {
    readonly index: number;
    readonly text: string;
    readonly finish_reason: FinishReason;
    readonly logprobs: TextLogprobs | null;
  }[];
}

/** What deleting a model answers. */
export interface ModelDeleted {
  readonly id: string;
  readonly object: 'model';
  readonly deleted: true;
}
