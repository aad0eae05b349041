import type { ResponseFormat } from '../../openai-types.ts';
import type { ChatCompletionToolCall } from '../../tools/tool-types.ts';
import {
  canonicalPrompt,
  countable,
  type LanguageModelMessageContent,
  type LanguageModelPrompt,
  type SessionMessage,
  type ToolInput,
} from './canonical-prompt.ts';
import { domError, quotaExceeded, toDomError } from './dom-errors.ts';
import type { SessionTools } from './language-model-tools.ts';
import type { ModelAccess } from './model-access.ts';
import { explain, responseFormat } from './response-constraint.ts';
import { LanguageModelToolCall } from './tool-parts.ts';

export interface LanguageModelPromptOptions {
  /** A JSON Schema or a regular expression that the answer must match. */
  readonly responseConstraint?: object | undefined;
  /** Does not tell the model of the constraint; it is held to it all the same. */
  readonly omitResponseConstraintInput?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LanguageModelSettings {
  /** Null where a temperature or topK was given. */
  readonly samplingMode: string | null;
  readonly temperature: number | undefined;
  readonly topK: number | undefined;
}

/** A piece of an answer: text, or a call that the page is to run. */
type AnswerPiece = string | LanguageModelMessageContent;

/**
 * What `prompt` resolves with: a text. Only of a session that was created for calls (`expectedOutputs`) it can be a list of
 * parts (`LanguageModelMessageContent[]`), which is told apart by `typeof`.
 */
type Answer = string;

function proposed({ id, function: { name, arguments: given } }: ChatCompletionToolCall): LanguageModelToolCall {
  return new LanguageModelToolCall({ callID: id, name, arguments: JSON.parse(given) });
}

/** How often a model may call tools before it must answer. */
const MOST_STEPS = 8;

/** What a session is made from: a new one, or a copy of another. */
export interface LanguageModelState {
  readonly access: ModelAccess;
  readonly settings: LanguageModelSettings;
  readonly tools: SessionTools;
  /** What prompts may hold beside text. */
  readonly inputs: ReadonlySet<ToolInput>;
  /** What the session began with; it is never dropped. */
  readonly initial: readonly SessionMessage[];
  readonly history: readonly SessionMessage[];
  readonly contextWindow: number;
  readonly contextUsage: number;
}

/**
 * A conversation, as the Prompt API has it: what was said is remembered, and when the context is full the oldest turns
 * are dropped, which `contextoverflow` tells. Calls run one after the other.
 */
export class LanguageModelSession extends EventTarget {
  readonly #access: ModelAccess;
  readonly #settings: LanguageModelSettings;
  readonly #tools: SessionTools;
  readonly #inputs: ReadonlySet<ToolInput>;
  readonly #initial: readonly SessionMessage[];
  readonly contextWindow: number;
  readonly #destroyed = new AbortController();
  #history: readonly SessionMessage[];
  #usage: number;
  #queue: Promise<unknown> = Promise.resolve();
  /** Called on `contextoverflow`: the oldest turns had to be dropped. */
  oncontextoverflow: ((event: Event) => unknown) | null = null;

  constructor(state: LanguageModelState) {
    super();
    this.#access = state.access;
    this.#settings = state.settings;
    this.#tools = state.tools;
    this.#inputs = state.inputs;
    this.#initial = state.initial;
    this.#history = state.history;
    this.contextWindow = state.contextWindow;
    this.#usage = state.contextUsage;
    this.addEventListener('contextoverflow', (event) => this.oncontextoverflow?.(event));
  }

  /** Tokens of context in use. */
  get contextUsage(): number {
    return this.#usage;
  }

  get samplingMode(): string | null {
    return this.#settings.samplingMode;
  }

  get topK(): number | undefined {
    return this.#settings.topK;
  }

  get temperature(): number | undefined {
    return this.#settings.temperature;
  }

  /** Asks, and resolves with the whole answer; with its parts where the model proposes calls that the page is to run. */
  async prompt(input: LanguageModelPrompt, options: LanguageModelPromptOptions = {}): Promise<Answer> {
    let text = '';
    const calls: LanguageModelMessageContent[] = [];
    const write = (piece: AnswerPiece) => {
      if (typeof piece === 'string') text += piece;
      else calls.push(piece);
    };
    await this.#run(options.signal, (signal) => this.#generate(input, options, signal, write));
    if (calls.length === 0) return text as Answer;
    return [...(text === '' ? [] : [{ type: 'text' as const, value: text }]), ...calls] as unknown as Answer;
  }

  /**
   * Asks, and gives the answer in pieces as they are written, calls that the page is to run as parts of their own. Cancelling
   * the stream stops the model.
   */
  promptStreaming(input: LanguageModelPrompt, options: LanguageModelPromptOptions = {}): ReadableStream<string> {
    const cancelled = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, cancelled.signal]) : cancelled.signal;
    return new ReadableStream<string>({
      start: (controller) => {
        const write = (piece: AnswerPiece) => controller.enqueue(piece as string);
        this.#run(signal, (anySignal) => this.#generate(input, options, anySignal, write)).then(
          () => controller.close(),
          (error: unknown) => controller.error(error),
        );
      },
      cancel: (reason) => cancelled.abort(reason),
    });
  }

  /** Adds to the conversation without asking for an answer. */
  append(input: LanguageModelPrompt, { signal }: { readonly signal?: AbortSignal } = {}): Promise<undefined> {
    return this.#run(signal, async (anySignal) => {
      const { messages } = canonicalPrompt(input, this.#history.length > 0, this.#inputs);
      this.#history = await this.#fit([...this.#history, ...messages], messages.length, anySignal);
      return undefined;
    });
  }

  /** Tokens of context that a prompt would take. */
  measureContextUsage(input: LanguageModelPrompt, options: LanguageModelPromptOptions = {}): Promise<number> {
    return this.#run(
      options.signal,
      async (signal) => {
        if (options.omitResponseConstraintInput === true && options.responseConstraint === undefined) {
          throw new TypeError('There is no response constraint to omit.');
        }
        const { messages } = canonicalPrompt(input, this.#history.length > 0, this.#inputs);
        const [before, after] = await Promise.all([
          this.#count(this.#history, signal),
          this.#count([...this.#history, ...messages], signal),
        ]);
        return Math.max(0, after - before);
      },
      { isQueued: false },
    );
  }

  /** A session with the same past, which goes its own way from here. */
  clone({ signal }: { readonly signal?: AbortSignal } = {}): Promise<this> {
    return this.#run(signal, async () => {
      const Same = this.constructor as new (state: LanguageModelState) => this;
      return new Same({
        access: this.#access,
        settings: this.#settings,
        tools: this.#tools,
        inputs: this.#inputs,
        initial: this.#initial,
        history: this.#history,
        contextWindow: this.contextWindow,
        contextUsage: this.#usage,
      });
    });
  }

  /** Ends the session: what runs is stopped, later calls reject with AbortError. The model stays loaded. */
  destroy(): void {
    this.#end(domError('AbortError', 'The session was destroyed.'));
  }

  /** The signal that it was created with ends it later, too. @internal */
  endWith(signal: AbortSignal | undefined): void {
    signal?.addEventListener('abort', () => this.#end(signal.reason), { once: true, signal: this.#destroyed.signal });
  }

  #end(reason: unknown): void {
    this.#destroyed.abort(reason);
    this.#history = [];
  }

  async #generate(
    input: LanguageModelPrompt,
    { responseConstraint, omitResponseConstraintInput = false }: LanguageModelPromptOptions,
    signal: AbortSignal,
    write: (piece: AnswerPiece) => void,
  ): Promise<void> {
    const format = responseFormat(responseConstraint);
    const { messages, hasPrefix } = canonicalPrompt(input, this.#history.length > 0, this.#inputs);
    const told = format === undefined || omitResponseConstraintInput ? messages : explain(messages, format, hasPrefix);
    let history = await this.#fit([...this.#history, ...told], told.length, signal);
    let isBegun = hasPrefix;
    let added = told.length;
    for (let step = 0; ; step++) {
      const { text, calls } = await this.#answer(history, { format, mayCall: step < MOST_STEPS }, signal, write);
      const last = history.at(-1);
      const written = isBegun && last !== undefined ? last.content + text : text;
      const answer = {
        role: 'assistant' as const,
        content: written,
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
      };
      history = [...(isBegun ? history.slice(0, -1) : history), answer];
      if (this.#tools.isOpen) for (const call of calls) write({ type: 'tool-call', value: proposed(call) });
      if (calls.length === 0 || this.#tools.isOpen) break;
      const results = await this.#tools.run(calls, signal);
      const told = calls.map(({ id }, at) => ({
        role: 'tool' as const,
        tool_call_id: id,
        content: results[at] ?? '',
      }));
      added += told.length + (isBegun ? 0 : 1);
      isBegun = false;
      history = await this.#fit([...history, ...told], added, signal);
    }
    this.#history = history;
  }

  /** One answer of the model: its text, and the calls it made. */
  async #answer(
    messages: readonly SessionMessage[],
    { format, mayCall }: { readonly format: ResponseFormat | undefined; readonly mayCall: boolean },
    signal: AbortSignal,
    write: (piece: string) => void,
  ): Promise<{ readonly text: string; readonly calls: readonly ChatCompletionToolCall[] }> {
    const { temperature, topK } = this.#settings;
    const tools = this.#tools.described;
    const stream = await this.#access.engine.chat.completions.create(
      {
        model: this.#access.modelId,
        messages,
        stream: true,
        ...(temperature === undefined ? {} : { temperature }),
        ...(topK === undefined ? {} : { top_k: topK }),
        ...(format === undefined ? {} : { response_format: format }),
        ...(tools.length === 0 ? {} : { tools, tool_choice: mayCall ? 'auto' : 'none' }),
      },
      { signal },
    );
    let text = '';
    const calls: ChatCompletionToolCall[] = [];
    for await (const { choices, usage } of stream) {
      const choice = choices[0];
      const piece = choice?.delta.content ?? '';
      text += piece;
      if (piece !== '') write(piece);
      for (const { index, id, function: part } of choice?.delta.tool_calls ?? []) {
        const before = calls[index];
        const called = {
          name: before?.function.name ?? part.name ?? '',
          arguments: (before?.function.arguments ?? '') + part.arguments,
        };
        calls[index] = { id: before?.id ?? id ?? `call-${index}`, type: 'function', function: called };
      }
      if (choice?.finish_reason === 'abort') throw signal.reason;
      if (usage !== undefined) this.#usage = usage.total_tokens;
    }
    return { text, calls };
  }

  /** A history that fits: without its oldest turns where it must be, never without what the session began with. */
  async #fit(
    history: readonly SessionMessage[],
    added: number,
    signal: AbortSignal,
  ): Promise<readonly SessionMessage[]> {
    let kept = history;
    let usage = await this.#count(kept, signal);
    const requested = usage;
    const isDroppable = () => kept.length > this.#initial.length + added;
    while (usage >= this.contextWindow && isDroppable()) {
      // A turn goes whole: an answer without its question would puzzle the model.
      const start = this.#initial.length;
      const next = kept.findIndex(({ role }, index) => index > start && role === 'user');
      const end = next === -1 ? start + 1 : Math.min(next, kept.length - added);
      kept = [...kept.slice(0, start), ...kept.slice(end)];
      usage = await this.#count(kept, signal);
    }
    if (usage >= this.contextWindow) throw quotaExceeded(requested, this.contextWindow);
    if (kept !== history) this.dispatchEvent(new Event('contextoverflow'));
    this.#usage = usage;
    return kept;
  }

  async #count(messages: readonly SessionMessage[], signal: AbortSignal): Promise<number> {
    if (messages.length === 0) return 0;
    const request = { model: this.#access.modelId, messages: countable(messages), tools: this.#tools.described };
    return (await this.#access.engine.chat.completions.countTokens(request, { signal })).total_tokens;
  }

  /** Runs one call when it is its turn, abortable by its own signal and by the end of the session. */
  async #run<T>(
    own: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
    { isQueued = true } = {},
  ): Promise<T> {
    const signal = own ? AbortSignal.any([this.#destroyed.signal, own]) : this.#destroyed.signal;
    signal.throwIfAborted();
    const before = isQueued ? this.#queue : Promise.resolve();
    const turn = (async () => {
      await before;
      signal.throwIfAborted();
      return work(signal);
    })();
    if (isQueued) this.#queue = turn.catch(() => {});
    let onAbort = () => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
    });
    signal.addEventListener('abort', onAbort);
    try {
      return await Promise.race([turn, aborted]);
    } catch (error) {
      throw signal.aborted ? signal.reason : toDomError(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }
}
