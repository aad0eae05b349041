import { type ReadonlySignal, signal } from '@preact/signals';
import type { ChatCompletionMessage, Sotto } from '../../client/index.ts';
import { isAbortError, SottoError } from '../../client/index.ts';
import type { WidgetContext, WidgetFrameMessage } from '../../protocol/index.ts';
import { promptContext } from './prompt-context.ts';

/** One thing that was said. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface Failure {
  readonly message: string;
  readonly action: string;
}

/** Where the model is on its way to answering. */
export type Phase =
  /** Whether the model is here already is being found out. */
  | { readonly kind: 'looking' }
  /** It must be fetched, and nobody has agreed to that yet. */
  | { readonly kind: 'asking'; readonly bytes: number }
  | { readonly kind: 'fetching'; readonly loadedBytes: number; readonly totalBytes: number }
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly threads: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'unsupported' };

/** What the assistant needs of Sotto. */
export type AssistantEngine = {
  readonly models: Pick<Sotto['models'], 'catalogue' | 'manifest' | 'stored' | 'load'>;
  readonly chat: { readonly completions: Pick<Sotto['chat']['completions'], 'create'> };
};

/** Turns that go into a prompt: a small model's context is short. */
const MOST_TURNS = 12;

/** Model and conversation of one widget. */
export class Assistant {
  readonly #engine: AssistantEngine;
  readonly #tell: (message: WidgetFrameMessage) => void;
  readonly #phase = signal<Phase>({ kind: 'looking' });
  readonly #turns = signal<readonly Turn[]>([]);
  readonly #isAnswering = signal(false);
  readonly #failure = signal<Failure | null>(null);
  readonly #context = signal<WidgetContext | null>(null);
  #modelId: string | null = null;
  #running: AbortController | undefined;
  /** Asked before the model was there; answered when it is. */
  #pending: string | null = null;

  constructor(engine: AssistantEngine, tell: (message: WidgetFrameMessage) => void) {
    this.#engine = engine;
    this.#tell = tell;
  }

  get phase(): ReadonlySignal<Phase> {
    return this.#phase;
  }

  get turns(): ReadonlySignal<readonly Turn[]> {
    return this.#turns;
  }

  get isAnswering(): ReadonlySignal<boolean> {
    return this.#isAnswering;
  }

  /** Why the last answer failed; null where it did not. */
  get failure(): ReadonlySignal<Failure | null> {
    return this.#failure;
  }

  get context(): ReadonlySignal<WidgetContext | null> {
    return this.#context;
  }

  set hostContext(context: WidgetContext) {
    this.#context.value = promptContext(context) === '' ? null : context;
  }

  /** Finds out whether the model is here, and starts it where it is. Nothing is fetched without `install`. */
  async look(wanted: string | null): Promise<void> {
    if (typeof WebAssembly === 'undefined' || typeof Worker === 'undefined') {
      this.#phase.value = { kind: 'unsupported' };
      this.#tell({ type: 'state', state: 'unsupported' });
      return;
    }
    await this.#guarded(async () => {
      const { models } = this.#engine;
      const catalogue = (await models.catalogue()).filter(({ kind }) => kind === undefined || kind === 'chat');
      const entry = catalogue.find(({ id }) => id === wanted) ?? (wanted === null ? catalogue[0] : undefined);
      if (entry === undefined) throw new SottoError('model-unknown', `This site offers no model "${wanted}".`);
      this.#modelId = entry.id;
      const stored = (await models.stored()).find(({ id }) => id === entry.id);
      if (stored?.complete) return this.#load(entry.id);
      const manifest = await models.manifest(entry.id);
      this.#phase.value = { kind: 'asking', bytes: manifest.file.size - (stored?.storedBytes ?? 0) };
      this.#tell({ type: 'state', state: 'asking' });
    });
  }

  /** Fetches the model: the person agreed. */
  async install(): Promise<void> {
    const modelId = this.#modelId;
    if (modelId === null) return this.look(null);
    await this.#guarded(() => this.#load(modelId));
  }

  /** Asks in the person's name; waits for the model where it is not there yet. */
  async ask(text: string): Promise<void> {
    const question = text.trim();
    if (question === '' || this.#isAnswering.value) return;
    if (this.#phase.value.kind !== 'ready') {
      this.#pending = question;
      return;
    }
    this.#turns.value = [...this.#turns.value, { role: 'user', text: question }];
    this.#tell({ type: 'message', role: 'user', characters: question.length });
    await this.#answer();
  }

  /** Answers the last question again. */
  async retry(): Promise<void> {
    if (this.#phase.value.kind === 'failed') return this.install();
    if (this.#turns.value.at(-1)?.role === 'assistant') this.#turns.value = this.#turns.value.slice(0, -1);
    if (this.#turns.value.length > 0) await this.#answer();
  }

  stop(): void {
    this.#running?.abort();
  }

  clear(): void {
    this.stop();
    this.#turns.value = [];
    this.#failure.value = null;
  }

  async #load(modelId: string): Promise<void> {
    this.#phase.value = { kind: 'loading' };
    this.#tell({ type: 'state', state: 'fetching' });
    const { threads } = await this.#engine.models.load(modelId, {
      onProgress: (event) => {
        if (event.type !== 'download-progress') return;
        const { loadedBytes, totalBytes } = event;
        this.#phase.value =
          loadedBytes < totalBytes ? { kind: 'fetching', loadedBytes, totalBytes } : { kind: 'loading' };
      },
    });
    this.#phase.value = { kind: 'ready', threads };
    this.#tell({ type: 'state', state: 'ready' });
    const pending = this.#pending;
    this.#pending = null;
    if (pending !== null) void this.ask(pending);
  }

  async #answer(): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    this.#isAnswering.value = true;
    this.#failure.value = null;
    this.#tell({ type: 'state', state: 'answering' });
    const asked = this.#turns.value;
    try {
      const stream = await this.#engine.chat.completions.create(
        { model: this.#modelId ?? '', messages: this.#messages(asked), stream: true },
        { signal: running.signal },
      );
      let text = '';
      for await (const { choices } of stream) {
        text += choices[0]?.delta.content ?? '';
        // A conversation that was cleared meanwhile must not come back.
        if (!running.signal.aborted) this.#turns.value = [...asked, { role: 'assistant', text }];
      }
      this.#tell({ type: 'message', role: 'assistant', characters: text.length });
    } catch (error) {
      if (!isAbortError(error)) this.#failure.value = this.#report(error);
    } finally {
      this.#isAnswering.value = false;
      this.#tell({ type: 'state', state: 'ready' });
    }
  }

  #messages(turns: readonly Turn[]): readonly ChatCompletionMessage[] {
    const context = promptContext(this.#context.value);
    const said = turns.slice(-MOST_TURNS).map(({ role, text }) => ({ role, content: text }));
    return context === '' ? said : [{ role: 'system', content: context }, ...said];
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#phase.value = { kind: 'failed', failure: this.#report(error) };
      this.#tell({ type: 'state', state: 'failed' });
    }
  }

  #report(error: unknown): Failure {
    const isOurs = SottoError.isInstance(error);
    const message = error instanceof Error ? error.message : String(error);
    this.#tell({ type: 'error', code: isOurs ? error.code : 'internal', message });
    return { message, action: isOurs ? error.userAction : '' };
  }
}
