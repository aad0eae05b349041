import type OpenAI from 'openai';
import { expectTypeOf, it } from 'vitest';
import type { CompletionStream } from './completion-runner.ts';
import type { EmbeddingRequest, EmbeddingResponse } from './embedding-types.ts';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionRequest,
  Completion,
  CompletionChunk,
  CompletionRequest,
} from './openai-types.ts';
import type { Sotto } from './sotto.ts';

/**
 * The compiler's part of "the API that developers know": `npm run check` fails where our types and those of the `openai`
 * package stop fitting. What differs by intent is taken out by name, so that nothing else can.
 */

/** The same without `readonly`, which the package's types do not write. */
type Writable<T> = T extends (...parameters: never[]) => unknown
  ? T
  : T extends readonly (infer Item)[]
    ? Writable<Item>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Writable<T[Key]> }
      : T;

/** Names of the fields whose values one type has and the other does not take. */
type Misfits<From, To, Keys extends keyof From & keyof To> = {
  [Key in Keys]: Pick<From, Key> extends Pick<To, Key> ? never : Key;
}[Keys];

/** Without null and undefined, which say of any field here that it is not given. */
type Given<T> = { [Key in keyof T]: Exclude<T[Key], null | undefined> };

type Chat = OpenAI.Chat.Completions.ChatCompletionCreateParams;
type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;
/** Messages of text: pictures, sound and files are refused when they come. */
type TextMessage =
  | OpenAI.Chat.Completions.ChatCompletionSystemMessageParam
  | OpenAI.Chat.Completions.ChatCompletionDeveloperMessageParam
  | OpenAI.Chat.Completions.ChatCompletionToolMessageParam
  | { role: 'user'; content: string | OpenAI.Chat.Completions.ChatCompletionContentPartText[] }
  | { role: 'assistant'; content: string };

/** Fields that mean here what they mean there. */
type SameChatFields =
  | 'frequency_penalty'
  | 'logit_bias'
  | 'logprobs'
  | 'max_completion_tokens'
  | 'max_tokens'
  | 'metadata'
  | 'n'
  | 'parallel_tool_calls'
  | 'presence_penalty'
  | 'prompt_cache_key'
  | 'safety_identifier'
  | 'seed'
  | 'stop'
  | 'stream'
  | 'temperature'
  | 'top_logprobs'
  | 'top_p'
  | 'user';

it('takes what is written for the openai package', () => {
  expectTypeOf<Misfits<Chat, ChatCompletionRequest, SameChatFields>>().toBeNever();
  expectTypeOf<TextMessage>().toExtend<ChatCompletionRequest['messages'][number]>();
  expectTypeOf<NonNullable<Chat['response_format']>>().toExtend<
    NonNullable<ChatCompletionRequest['response_format']>
  >();
  expectTypeOf<OpenAI.Chat.Completions.ChatCompletionFunctionTool>().toExtend<
    NonNullable<ChatCompletionRequest['tools']>[number]
  >();
  expectTypeOf<'auto' | 'none' | 'required'>().toExtend<ChatCompletionRequest['tool_choice']>();
  expectTypeOf<OpenAI.Chat.Completions.ChatCompletionNamedToolChoice>().toExtend<
    ChatCompletionRequest['tool_choice']
  >();
  expectTypeOf<NonNullable<Chat['reasoning_effort']>>().toExtend<ChatCompletionRequest['reasoning_effort']>();
  type SameTextFields = Exclude<
    keyof OpenAI.CompletionCreateParams & keyof CompletionRequest,
    'best_of' | 'prompt' | 'stream_options'
  >;
  expectTypeOf<Misfits<OpenAI.CompletionCreateParams, CompletionRequest, SameTextFields>>().toBeNever();
  expectTypeOf<string | string[]>().toExtend<CompletionRequest['prompt']>();
  expectTypeOf<Pick<OpenAI.EmbeddingCreateParams, 'model' | 'dimensions' | 'encoding_format'>>().toExtend<
    Pick<EmbeddingRequest, 'model' | 'dimensions' | 'encoding_format'>
  >();
});

it('writes requests that the openai package would take', () => {
  expectTypeOf<Misfits<Writable<Given<ChatCompletionRequest>>, Chat, SameChatFields>>().toBeNever();
  expectTypeOf<{ role: 'user'; content: string }>().toExtend<Message>();
});

/** An answer can be cut off by whoever asked, which no server tells. */
type Reasons = 'abort';
type WithoutReason<T extends { choices: { finish_reason: unknown }[] }> = Omit<T, 'choices'> & {
  choices: (Omit<T['choices'][number], 'finish_reason'> & {
    finish_reason: Exclude<T['choices'][number]['finish_reason'], Reasons>;
  })[];
};

it('gives what code for the openai package reads', () => {
  expectTypeOf<WithoutReason<Writable<ChatCompletion>>>().toExtend<OpenAI.Chat.Completions.ChatCompletion>();
  expectTypeOf<WithoutReason<Writable<ChatCompletionChunk>>>().toExtend<OpenAI.Chat.Completions.ChatCompletionChunk>();
  expectTypeOf<WithoutReason<Writable<Completion>>>().toExtend<OpenAI.Completion>();
  expectTypeOf<Writable<CompletionChunk>['choices'][number]['text']>().toExtend<string>();
  expectTypeOf<Writable<EmbeddingResponse>['usage']>().toExtend<OpenAI.CreateEmbeddingResponse['usage']>();
});

it('tells a stream from a whole answer by the request, as the openai package does', () => {
  const typesOf = async (sotto: Sotto) => {
    const base = { model: 'a', messages: [{ role: 'user', content: 'b' }] } as const;
    expectTypeOf(await sotto.chat.completions.create({ ...base })).toEqualTypeOf<ChatCompletion>();
    expectTypeOf(await sotto.chat.completions.create({ ...base, stream: false })).toEqualTypeOf<ChatCompletion>();
    expectTypeOf(await sotto.chat.completions.create({ ...base, stream: true })).toEqualTypeOf<
      CompletionStream<ChatCompletionChunk>
    >();
  };
  expectTypeOf(typesOf).toBeFunction();
});

it('says of embeddings whether they are numbers or text', () => {
  const numbers = ({ embeddings }: Sotto) => embeddings.create({ input: 'a' });
  const text = ({ embeddings }: Sotto) => embeddings.create({ input: 'a', encoding_format: 'base64' });
  type Of<Call extends (sotto: Sotto) => unknown> =
    Awaited<ReturnType<Call>> extends EmbeddingResponse<infer Embedding> ? Embedding : never;
  expectTypeOf<Of<typeof numbers>>().toEqualTypeOf<readonly number[]>();
  expectTypeOf<Of<typeof text>>().toEqualTypeOf<string>();
});
