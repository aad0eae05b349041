import type { GenerateEvent, GenerateResult, PromptPiece, TokenLogprobs } from '../protocol/index.ts';
import { abortError, isAbortError } from '../shared/index.ts';
import { AsyncQueue } from './async-queue.ts';
import { type AnswerForm, generate, type TextDelta } from './generation.ts';
import type { ReadyModel } from './model-load.ts';
import type { Models } from './models.ts';
import { onLoadedModel } from './on-loaded-model.ts';
import type { ChatCompletionRequest, CompletionUsage, DroppedMessages, RequestOptions } from './openai-types.ts';
import {
  type GenerationDefaults,
  type GenerationParameters,
  type GenerationRequest,
  generationParameters,
  wantsUsageChunk,
} from './sampling-parameters.ts';
import { type AnswerPart as SpokenPart, type Thinking, ThinkingSplitter } from './thinking.ts';
import type { ChatCompletionToolCall, ToolCallDelta, ToolCallReader, ToolPart } from './tools/index.ts';
import type { Workers } from './workers.ts';

/** A streamed answer. Leaving the loop early stops the generation. */
export type CompletionStream<Chunk> = AsyncIterableIterator<Chunk>;

/** What every chunk and every result begins with. */
export interface Base {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

/** A piece of an answer: thought, said, or of a call of a tool. */
export type AnswerPart = SpokenPart | ToolPart;

/** One prompt of a request and how its answer is to be read. */
export interface PreparedPrompt {
  readonly pieces: readonly PromptPiece[];
  /** How to tell thinking from saying; undefined: all of it is said. */
  readonly thinking?: Thinking | undefined;
  /** What tells calls of tools from text, one for each answer; undefined: what looks like a call is text. */
  readonly callReader?: (() => ToolCallReader) | undefined;
  /** What the answer must look like. */
  readonly form?: AnswerForm | undefined;
  /** What is given back before the answer. */
  readonly echo?: string;
  /** What was left out of the conversation so that it could be read. */
  readonly dropped?: DroppedMessages | undefined;
}

/** One finished answer of a request. */
export interface Answer {
  readonly index: number;
  readonly content: string;
  /** Undefined where the model did not think, or its thinking was left in the text. */
  readonly reasoning: string | undefined;
  readonly calls: readonly ChatCompletionToolCall[];
  readonly result: GenerateResult;
  readonly parameters: GenerationParameters;
  readonly dropped: DroppedMessages | undefined;
}

/** Where a piece of an answer belongs, and what is known of its tokens. */
export interface DeltaPosition {
  readonly index: number;
  readonly isFirst: boolean;
  /** Characters of the same kind before it in the answer. */
  readonly offset: number;
  readonly logprobs: readonly TokenLogprobs[] | undefined;
  /** What the answer has lost until now of what came before it, where that is news. */
  readonly dropped: DroppedMessages | undefined;
}

/** How one kind of completion makes its prompts and writes its results. */
export interface CompletionFormat<Chunk, Result> {
  readonly idPrefix: string;
  readonly prompts: (
    model: ReadyModel,
    defaults: GenerationDefaults,
    signal: AbortSignal | undefined,
  ) => Promise<readonly PreparedPrompt[]>;
  readonly delta: (part: AnswerPart, position: DeltaPosition, base: Base) => Chunk;
  /** The last chunk of one answer; `usage` is undefined where a chunk of its own will bring it. */
  readonly finish: (answer: Answer, usage: CompletionUsage | undefined, base: Base) => Chunk;
  /** The chunk that brings nothing but the usage. */
  readonly usage: (usage: CompletionUsage, base: Base) => Chunk;
  readonly whole: (answers: readonly Answer[], usage: CompletionUsage, base: Base) => Result;
}

/** Takes one part of an answer: how many characters of its kind came before, and what is known of its tokens. */
type WritePart = (part: AnswerPart, offset: number, logprobs: readonly TokenLogprobs[] | undefined) => void;

/** The same, told too what was lost since the part before. */
type WriteDelta = (...part: [...Parameters<WritePart>, dropped: DroppedMessages | undefined]) => void;

/** What a runner reads of a request of either kind. */
type AnyRequest = GenerationRequest & Pick<ChatCompletionRequest, 'model' | 'stream' | 'stream_options'>;

/** How a request is to be run: `era` is that of the runner when it was made. */
interface RunOptions extends RequestOptions {
  readonly era: number;
}

interface Prepared {
  readonly base: Base;
  readonly parameters: GenerationParameters;
  /** One entry an answer: each prompt as often as answers to it were asked for. */
  readonly prompts: readonly PreparedPrompt[];
}

/** What runs a request of either kind: prompts, generation, stream. */
export class CompletionRunner {
  readonly #workers: Workers;
  readonly #models: Models;

  constructor(workers: Workers, models: Models) {
    this.#workers = workers;
    this.#models = models;
  }

  get workers(): Workers {
    return this.#workers;
  }

  /** Tells calls that began before a disposal from later ones: those start afresh. */
  get era(): number {
    return this.#models.era;
  }

  /** The model a request names and how it speaks by default. */
  ready(modelId: string, signal: AbortSignal | undefined) {
    return this.#models.ready(modelId, signal);
  }

  countTokens(modelId: string, pieces: readonly PromptPiece[], signal: AbortSignal | undefined): Promise<number> {
    return onLoadedModel(this.#models, modelId, signal, () =>
      this.#workers.inference.call(({ port }) => port.countTokens(pieces), { signal }),
    );
  }

  async whole<Chunk, Result>(
    request: AnyRequest,
    format: CompletionFormat<Chunk, Result>,
    { signal, era }: RunOptions,
  ): Promise<Result> {
    const prepared = await this.#prepare(request, format, signal, era);
    const answers: Answer[] = [];
    for await (const answer of this.#answers(prepared, () => () => {}, signal)) answers.push(answer);
    return format.whole(answers, usageOf(answers), prepared.base);
  }

  async stream<Chunk, Result>(
    request: AnyRequest,
    format: CompletionFormat<Chunk, Result>,
    { signal, era }: RunOptions,
  ): Promise<CompletionStream<Chunk>> {
    const prepared = await this.#prepare(request, format, signal, era);
    const abandoned = new AbortController();
    const queue = new AsyncQueue<Chunk>(() => abandoned.abort());
    const anySignal = signal ? AbortSignal.any([signal, abandoned.signal]) : abandoned.signal;
    this.#stream(prepared, format, wantsUsageChunk(request), queue, anySignal).then(
      () => queue.close(),
      (error: unknown) => queue.fail(error),
    );
    return queue;
  }

  async #stream<Chunk, Result>(
    prepared: Prepared,
    format: CompletionFormat<Chunk, Result>,
    hasUsageChunk: boolean,
    queue: AsyncQueue<Chunk>,
    signal: AbortSignal,
  ): Promise<void> {
    const { base, prompts } = prepared;
    const answers: Answer[] = [];
    const writerOf = (index: number): WriteDelta => {
      let isFirst = true;
      return (part, offset, logprobs, dropped) => {
        queue.push(format.delta(part, { index, isFirst, offset, logprobs, dropped }, base));
        isFirst = false;
      };
    };
    for await (const answer of this.#answers(prepared, writerOf, signal)) {
      answers.push(answer);
      const isLast = answers.length === prompts.length || signal.aborted;
      queue.push(format.finish(answer, isLast && !hasUsageChunk ? usageOf(answers) : undefined, base));
    }
    if (hasUsageChunk) queue.push(format.usage(usageOf(answers), base));
  }

  /** One answer after the other. An abort ends them with the last that had begun: what was written is not lost. */
  async *#answers(
    prepared: Prepared,
    writerOf: (index: number) => WriteDelta,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Answer> {
    for (const index of prepared.prompts.keys()) {
      if (index > 0 && signal?.aborted) return;
      let answer: Answer;
      try {
        answer = await this.#answer(prepared, index, writerOf(index), signal);
      } catch (error) {
        if (index > 0 && isAbortError(error)) return;
        throw error;
      }
      yield answer;
    }
  }

  /** Writes one answer, handing its parts on as they come. */
  async #answer(
    { base, prompts, parameters: shared }: Prepared,
    index: number,
    write: WriteDelta,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const prompt = prompts[index];
    if (prompt === undefined) throw new RangeError(`There is no answer ${index}.`);
    const parameters = withSeed(shared, index);
    const { dropped } = prompt;
    /** All that is lost where so many tokens were forgotten on top of what was left out. */
    const lostWith = (tokens = 0) =>
      tokens ? { messages: 0, ...dropped, tokens: (dropped?.tokens ?? 0) + tokens } : dropped;
    let forgotten = 0;
    let news = dropped;
    const reader = new AnswerReader(prompt, parameters.topLogprobs !== undefined, (part, offset, logprobs) => {
      write(part, offset, logprobs, news);
      news = undefined;
    });
    const listen = (event: GenerateEvent) => {
      if (event.type === 'text-delta') reader.read(event);
      else if (event.type === 'context-shifted') {
        forgotten += event.droppedTokens;
        news = lostWith(forgotten);
      }
    };
    const result = await onLoadedModel(this.#models, base.model, signal, () =>
      generate(this.#workers, prompt, parameters, listen, signal),
    );
    return { index, ...reader.end(result), result, parameters, dropped: lostWith(result.droppedTokens) };
  }

  async #prepare<Chunk, Result>(
    request: AnyRequest,
    format: CompletionFormat<Chunk, Result>,
    signal: AbortSignal | undefined,
    era: number,
  ): Promise<Prepared> {
    wantsUsageChunk(request); // Throws before anything is made ready.
    if (signal?.aborted) throw abortError();
    const { model, defaults } = await this.#models.ready(request.model, signal, era);
    const parameters = generationParameters(request, defaults);
    const prompts = await format.prompts(model, defaults, signal);
    const base = {
      id: `${format.idPrefix}-${crypto.randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: model.id,
    };
    const copies = Array.from({ length: parameters.answers });
    return { base, parameters, prompts: prompts.flatMap((prompt) => copies.map(() => prompt)) };
  }
}

/** Reads one answer as its deltas come, and hands its parts on. */
class AnswerReader {
  readonly #splitter: ThinkingSplitter | undefined;
  readonly #calls: ToolCallReader | undefined;
  readonly #written: ChatCompletionToolCall[] = [];
  readonly #write: WritePart;
  readonly #hasLogprobs: boolean;
  readonly #texts = { content: '', reasoning: '' };
  #logprobs: TokenLogprobs[] = [];
  #hasThought = false;
  #readLength = 0;
  #readTokens = 0;
  #isOver = false;

  constructor(prompt: PreparedPrompt, hasLogprobs: boolean, write: WritePart) {
    this.#splitter = prompt.thinking ? new ThinkingSplitter(prompt.thinking) : undefined;
    this.#calls = prompt.callReader?.();
    this.#hasLogprobs = hasLogprobs;
    this.#write = write;
    if (prompt.echo) this.#emit([{ kind: 'content', text: prompt.echo }]);
  }

  /** Deltas travel through a port of their own and may arrive after the result, from which the rest is taken. */
  read({ text, logprobs = [] }: Pick<TextDelta, 'text' | 'logprobs'>): void {
    if (this.#isOver) return;
    this.#readLength += text.length;
    this.#readTokens += logprobs.length;
    this.#logprobs.push(...logprobs);
    if (text !== '') this.#emit(this.#splitter ? this.#splitter.push(text) : [{ kind: 'content', text }]);
  }

  end({ text, logprobs = [] }: GenerateResult): Pick<Answer, 'content' | 'reasoning' | 'calls'> {
    this.read({ text: text.slice(this.#readLength), logprobs: logprobs.slice(this.#readTokens) });
    this.#isOver = true;
    const rest = this.#splitter?.end() ?? [];
    // Tokens without text of their own (half a character, a tag) still have their log-probabilities.
    this.#emit(rest.length === 0 && this.#logprobs.length > 0 ? [{ kind: 'content', text: '' }] : rest);
    this.#hand(this.#calls?.end() ?? []);
    const { content, reasoning } = this.#texts;
    return { content, reasoning: this.#hasThought ? reasoning : undefined, calls: this.#written };
  }

  #emit(parts: readonly SpokenPart[]): void {
    for (const part of parts) {
      if (part.kind === 'content' && this.#calls) this.#hand(this.#calls.push(part.text));
      else this.#hand([part]);
    }
  }

  #hand(parts: readonly AnswerPart[]): void {
    for (const part of parts) {
      if (part.kind === 'call') this.#writeCall(part.delta);
      const offset = part.kind === 'call' ? 0 : this.#texts[part.kind].length;
      if (part.kind !== 'call') this.#texts[part.kind] += part.text;
      if (part.kind === 'reasoning') this.#hasThought = true;
      const logprobs = this.#hasLogprobs ? this.#logprobs : undefined;
      this.#logprobs = [];
      this.#write(part, offset, logprobs);
    }
  }

  #writeCall({ index, id, function: { name, arguments: piece } }: ToolCallDelta): void {
    const before = this.#written[index];
    const called = { name: before?.function.name ?? name ?? '', arguments: (before?.function.arguments ?? '') + piece };
    this.#written[index] = { id: before?.id ?? id ?? '', type: 'function', function: called };
  }
}

/** Answers to one request must differ, and be the same again when it is asked again. */
function withSeed(parameters: GenerationParameters, index: number): GenerationParameters {
  const seed = (parameters.sampling.seed + index) % 2 ** 32;
  return { ...parameters, sampling: { ...parameters.sampling, seed } };
}

function usageOf(answers: readonly Answer[]): CompletionUsage {
  let promptTokens = 0;
  let cachedTokens = 0;
  let completionTokens = 0;
  for (const { result } of answers) {
    promptTokens += result.timings.promptTokens;
    cachedTokens += result.timings.cachedTokens;
    completionTokens += result.timings.completionTokens;
  }
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  };
}
