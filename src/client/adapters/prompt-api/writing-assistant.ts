import { domError } from './dom-errors.ts';
import { LanguageModelSession } from './language-model.ts';
import { SessionTools } from './language-model-tools.ts';
import type { CreateOptions, ModelAccess } from './model-access.ts';

/** What `create` of each assistant takes besides its own options. */
export interface AssistantCreateOptions extends CreateOptions {
  readonly sharedContext?: string;
  readonly expectedInputLanguages?: readonly string[];
  readonly expectedContextLanguages?: readonly string[];
  readonly outputLanguage?: string;
}

export interface AssistantCallOptions {
  /** Background of this one call. */
  readonly context?: string;
  readonly signal?: AbortSignal;
}

/** What an assistant is made from. */
export interface AssistantState {
  readonly access: ModelAccess;
  readonly instructions: string;
  readonly contextWindow: number;
  readonly options: AssistantCreateOptions;
}

/**
 * What summarising, writing and rewriting have in common: instructions, one text in, one text out, and nothing remembered
 * from call to call.
 */
export class WritingAssistant {
  readonly #state: AssistantState;
  readonly #session: LanguageModelSession;
  readonly #destroyed = new AbortController();

  constructor(state: AssistantState) {
    this.#state = state;
    const initial = [{ role: 'system' as const, content: state.instructions }];
    this.#session = new LanguageModelSession({
      access: state.access,
      settings: { samplingMode: 'balanced', temperature: undefined, topK: undefined },
      tools: new SessionTools([], undefined),
      inputs: new Set(),
      initial,
      history: initial,
      contextWindow: state.contextWindow,
      contextUsage: 0,
    });
    const { signal } = state.options;
    const ending = { once: true, signal: this.#destroyed.signal };
    signal?.addEventListener('abort', () => this.#end(signal.reason), ending);
    this.#session.endWith(signal);
  }

  get sharedContext(): string {
    return this.#state.options.sharedContext ?? '';
  }

  get expectedInputLanguages(): readonly string[] | null {
    return this.#state.options.expectedInputLanguages ?? null;
  }

  get expectedContextLanguages(): readonly string[] | null {
    return this.#state.options.expectedContextLanguages ?? null;
  }

  get outputLanguage(): string | null {
    return this.#state.options.outputLanguage ?? null;
  }

  /** Tokens an input may have, the instructions included. */
  get inputQuota(): number {
    return this.#state.contextWindow;
  }

  /** Tokens of context that an input would take. */
  async measureInputUsage(input: string, options: AssistantCallOptions = {}): Promise<number> {
    return this.#session.measureContextUsage(this.#prompt(input, options), { signal: options.signal });
  }

  /** Ends it: what runs is stopped, later calls reject with AbortError. */
  destroy(): void {
    this.#end(domError('AbortError', 'It was destroyed.'));
    this.#session.destroy();
  }

  #end(reason: unknown): void {
    this.#destroyed.abort(reason);
  }

  protected async run(input: string, options: AssistantCallOptions = {}): Promise<string> {
    const prompt = this.#prompt(input, options);
    const signal = this.#signal(options);
    signal.throwIfAborted();
    // Nothing is made of nothing.
    if (String(input).trim() === '') return '';
    const call = await this.#session.clone({ signal });
    return (await call.prompt(prompt, { signal })).trim();
  }

  protected stream(input: string, options: AssistantCallOptions = {}): ReadableStream<string> {
    const prompt = this.#prompt(input, options);
    const signal = this.#signal(options);
    let reader: ReadableStreamDefaultReader<string> | undefined;
    return new ReadableStream<string>({
      pull: async (controller) => {
        signal.throwIfAborted();
        if (String(input).trim() === '') return controller.close();
        reader ??= (await this.#session.clone({ signal })).promptStreaming(prompt, { signal }).getReader();
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader?.cancel(reason),
    });
  }

  #prompt(input: string, { context }: AssistantCallOptions): string {
    const text = String(input);
    return context === undefined || context.trim() === '' ? text : `Background: ${context}\n\n${text}`;
  }

  #signal({ signal }: AssistantCallOptions): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#destroyed.signal]) : this.#destroyed.signal;
  }
}
