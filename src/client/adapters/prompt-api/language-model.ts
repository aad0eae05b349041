import type { ChatMessage } from '../../../protocol/index.ts';
import type { ResponseFormat } from '../../openai-types.ts';
import { canonicalPrompt, type LanguageModelPrompt } from './canonical-prompt.ts';
import { domError, quotaExceeded, toDomError } from './dom-errors.ts';
import type { ModelAccess } from './model-access.ts';

export interface LanguageModelPromptOptions {
  /** A JSON Schema or a regular expression that the answer must match. */
  readonly responseConstraint?: object | undefined;
  /** Does not tell the model of the constraint; it is held to it all the same. */
  readonly omitResponseConstraintInput?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LanguageModelSettings {
  readonly temperature: number | undefined;
  readonly topK: number | undefined;
}

/** What a session is made from: a new one, or a copy of another. */
export interface LanguageModelState {
  readonly access: ModelAccess;
  readonly settings: LanguageModelSettings;
  /** What the session began with; it is never dropped. */
  readonly initial: readonly ChatMessage[];
  readonly history: readonly ChatMessage[];
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
  readonly #initial: readonly ChatMessage[];
  readonly contextWindow: number;
  readonly #destroyed = new AbortController();
  #history: readonly ChatMessage[];
  #usage: number;
  #queue: Promise<unknown> = Promise.resolve();
  /** Called on `contextoverflow`: the oldest turns had to be dropped. */
  oncontextoverflow: ((event: Event) => unknown) | null = null;

  constructor(state: LanguageModelState) {
    super();
    this.#access = state.access;
    this.#settings = state.settings;
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

  get topK(): number | undefined {
    return this.#settings.topK;
  }

  get temperature(): number | undefined {
    return this.#settings.temperature;
  }

  /** Asks, and resolves with the whole answer. */
  async prompt(input: LanguageModelPrompt, options: LanguageModelPromptOptions = {}): Promise<string> {
    let text = '';
    await this.#run(options.signal, (signal) => this.#generate(input, options, signal, (piece) => (text += piece)));
    return text;
  }

  /** Asks, and gives the answer in pieces as they are written. Cancelling the stream stops the model. */
  promptStreaming(input: LanguageModelPrompt, options: LanguageModelPromptOptions = {}): ReadableStream<string> {
    const cancelled = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, cancelled.signal]) : cancelled.signal;
    return new ReadableStream<string>({
      start: (controller) => {
        const write = (piece: string) => controller.enqueue(piece);
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
      const { messages } = canonicalPrompt(input, this.#history.length > 0);
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
        const { messages } = canonicalPrompt(input, this.#history.length > 0);
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
        initial: this.#initial,
        history: this.#history,
        contextWindow: this.contextWindow,
        contextUsage: this.#usage,
      });
    });
  }

  /** Ends the session: what runs is stopped, later calls reject with AbortError. The model stays loaded. */
  destroy(): void {
    this.#destroyed.abort(domError('AbortError', 'The session was destroyed.'));
    this.#history = [];
  }

  async #generate(
    input: LanguageModelPrompt,
    { responseConstraint, omitResponseConstraintInput = false }: LanguageModelPromptOptions,
    signal: AbortSignal,
    write: (piece: string) => void,
  ): Promise<void> {
    const format = responseFormat(responseConstraint);
    const { messages, hasPrefix } = canonicalPrompt(input, this.#history.length > 0);
    const told = format === undefined || omitResponseConstraintInput ? messages : explain(messages, format, hasPrefix);
    const history = await this.#fit([...this.#history, ...told], told.length, signal);
    const stream = await this.#access.engine.chat.completions.create(
      {
        model: this.#access.modelId,
        messages: history,
        stream: true,
        ...(this.#settings.temperature === undefined ? {} : { temperature: this.#settings.temperature }),
        ...(this.#settings.topK === undefined ? {} : { top_k: this.#settings.topK }),
        ...(format === undefined ? {} : { response_format: format }),
      },
      { signal },
    );
    let text = '';
    for await (const { choices, usage } of stream) {
      const choice = choices[0];
      const piece = choice?.delta.content ?? '';
      text += piece;
      if (piece !== '') write(piece);
      if (choice?.finish_reason === 'abort') throw signal.reason;
      if (usage !== undefined) this.#usage = usage.total_tokens;
    }
    const last = history.at(-1);
    this.#history =
      hasPrefix && last !== undefined
        ? [...history.slice(0, -1), { role: 'assistant', content: last.content + text }]
        : [...history, { role: 'assistant', content: text }];
  }

  /** A history that fits: without its oldest turns where it must be, never without what the session began with. */
  async #fit(history: readonly ChatMessage[], added: number, signal: AbortSignal): Promise<readonly ChatMessage[]> {
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

  async #count(messages: readonly ChatMessage[], signal: AbortSignal): Promise<number> {
    if (messages.length === 0) return 0;
    const request = { model: this.#access.modelId, messages };
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

function responseFormat(constraint: object | undefined): ResponseFormat | undefined {
  if (constraint === undefined || constraint === null) return undefined;
  if (constraint instanceof RegExp) return { type: 'regex', regex: constraint.source };
  if (typeof constraint !== 'object') throw new TypeError('A response constraint is a JSON Schema or a RegExp.');
  try {
    const schema = JSON.parse(JSON.stringify(constraint)) as Readonly<Record<string, unknown>>;
    return { type: 'json_schema', json_schema: { name: 'response', schema, strict: true } };
  } catch (error) {
    throw domError('NotSupportedError', `The response constraint is no JSON Schema: ${(error as Error).message}`);
  }
}

/** Tells the model what its answer must look like: it is held to it anyway, and does better when it knows. */
function explain(messages: readonly ChatMessage[], format: ResponseFormat, hasPrefix: boolean): readonly ChatMessage[] {
  const text =
    format.type === 'regex'
      ? `Answer with text that matches this regular expression: ${format.regex}`
      : `Answer with JSON that matches this schema: ${JSON.stringify('json_schema' in format ? format.json_schema.schema : {})}`;
  const index = hasPrefix ? messages.length - 2 : messages.length - 1;
  return messages.map((message, at) =>
    at === index && message.role === 'user' ? { ...message, content: `${message.content}\n\n${text}` } : message,
  );
}
