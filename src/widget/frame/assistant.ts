import { type ReadonlySignal, signal } from '@preact/signals';
import type { ChatCompletionMessage, Policy, Sotto } from '../../client/index.ts';
import { isAbortError, SottoError } from '../../client/index.ts';
import { isAmong } from '../../policy/index.ts';
import type { WidgetContext, WidgetFrameMessage, WidgetTool } from '../../protocol/index.ts';
import { collectText, type Schedule } from '../../shared/index.ts';
import { HostActions } from './host-actions.ts';
import { Knowledge, type KnowledgeEngine, type Source } from './knowledge.ts';
import { promptContext } from './prompt-context.ts';

/** One thing that was said. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Where an answer was drawn from. */
  readonly sources?: readonly Source[];
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
  /** The site's policy stands against it; trying again changes nothing. */
  | { readonly kind: 'blocked'; readonly failure: Failure }
  | { readonly kind: 'unsupported' };

/** What the assistant needs of Sotto. */
export type AssistantEngine = KnowledgeEngine & {
  readonly policy: Sotto['policy'];
  readonly models: Pick<Sotto['models'], 'catalogue' | 'manifest' | 'stored' | 'load'>;
  readonly chat: { readonly completions: Pick<Sotto['chat']['completions'], 'create' | 'runTools'> };
};

/** Failures that only whoever runs the site can end. */
const BLOCKED: ReadonlySet<string> = new Set(['policy-invalid', 'blocked-by-policy']);

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
  readonly #policy = signal<Policy | null>(null);
  readonly #ownOrigin: string;
  readonly #hostOrigin: () => string | null;
  readonly #schedule: Schedule;
  /** What the page offers to do, and the call that waits for the person's word. */
  readonly actions: HostActions;
  #knowledge: Knowledge | undefined;
  #packs: readonly string[] = [];
  #modelId: string | null = null;
  #running: AbortController | undefined;
  /** Asked before the model was there; answered when it is. */
  #pending: string | null = null;

  /**
   * @param hostOrigin of the page that holds this one; null: none does
   * @param schedule when an answer that grows is shown
   */
  constructor(
    engine: AssistantEngine,
    tell: (message: WidgetFrameMessage) => void,
    ownOrigin: string,
    hostOrigin: () => string | null = () => null,
    schedule: Schedule = (show) => show(),
  ) {
    this.#engine = engine;
    this.#tell = tell;
    this.#ownOrigin = ownOrigin;
    this.#hostOrigin = hostOrigin;
    this.#schedule = schedule;
    this.actions = new HostActions(tell);
  }

  /** What the site allows; null until it is known. */
  get policy(): ReadonlySignal<Policy | null> {
    return this.#policy;
  }

  set tools(tools: readonly WidgetTool[]) {
    this.actions.offer(this.#policy.value?.features.tools === false ? [] : tools);
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
  async look(wanted: string | null, knowledge: string | null = null): Promise<void> {
    if (!hasSimd() || typeof Worker === 'undefined') {
      this.#phase.value = { kind: 'unsupported' };
      this.#tell({ type: 'state', state: 'unsupported' });
      return;
    }
    await this.#guarded(async () => {
      const { models } = this.#engine;
      const policy = await this.#engine.policy();
      this.#policy.value = policy;
      permitHost(policy, this.#hostOrigin(), this.#ownOrigin);
      if (!policy.features.tools) this.actions.offer([]);
      this.#knowledge = new Knowledge(this.#engine, policy, this.#ownOrigin);
      this.#packs = knowledge === null ? policy.widget.knowledge.map(({ url }) => url) : [knowledge];
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
    this.#tellMessage('user', question);
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
    // What is still under way says no more, and the next question need not wait for its end.
    this.#running = undefined;
    this.#pending = null;
    this.actions.refuse();
    this.#turns.value = [];
    this.#failure.value = null;
    this.#tell({ type: 'cleared' });
    if (this.#isAnswering.value) this.#rest();
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
    await this.#knowledge?.load(this.#packs);
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
    const isCleared = () => this.#running !== running;
    try {
      const question = asked.at(-1)?.text ?? '';
      const grounding = (await this.#knowledge?.ground(question)) ?? null;
      const sources = grounding?.sources ?? [];
      const show = (text: string) => {
        // Of a stopped answer what stands there is kept; of a conversation that was cleared nothing comes back.
        if (running.signal.aborted) return;
        this.#turns.value = [...asked, { role: 'assistant', text, sources }];
      };
      const messages = this.#messages(asked, grounding?.prompt ?? question);
      const text = this.actions.isOffering
        ? await this.#answerWithActions(messages, show, running.signal)
        : await this.#answerInWords(messages, show, running.signal);
      if (!isCleared()) this.#tellMessage('assistant', text);
    } catch (error) {
      if (!isCleared() && !isAbortError(error)) this.#failure.value = this.#report(error);
    } finally {
      if (!isCleared()) this.#rest();
    }
  }

  #rest(): void {
    this.#isAnswering.value = false;
    this.#tell({ type: 'state', state: 'ready' });
  }

  async #answerInWords(
    messages: readonly ChatCompletionMessage[],
    show: (text: string) => void,
    signal: AbortSignal,
  ): Promise<string> {
    const request = { model: this.#modelId ?? '', messages, stream: true as const };
    const stream = await this.#engine.chat.completions.create(request, { signal });
    const tellsWords = this.#policy.value?.widget.messages === 'read';
    let text = '';
    const collected = collectText(this.#schedule, (more) => {
      text += more;
      show(text);
    });
    try {
      for await (const { choices } of stream) {
        const delta = choices[0]?.delta.content ?? '';
        collected.add(delta);
        if (tellsWords && delta !== '' && !signal.aborted) this.#tell({ type: 'delta', text: delta });
      }
    } finally {
      collected.flush();
    }
    return text;
  }

  /** The page's actions are the model's to ask for and the person's to allow. */
  async #answerWithActions(
    messages: readonly ChatCompletionMessage[],
    show: (text: string) => void,
    signal: AbortSignal,
  ): Promise<string> {
    const { completion } = await this.#engine.chat.completions.runTools(
      { model: this.#modelId ?? '', messages, tools: this.actions.runnable(signal) },
      { signal, approve: (call) => this.actions.ask(call.name, call.arguments, signal) },
    );
    const text = completion.choices[0]?.message.content ?? '';
    show(text);
    return text;
  }

  #messages(turns: readonly Turn[], question: string): readonly ChatCompletionMessage[] {
    const context = promptContext(this.#context.value);
    const said = turns.slice(-MOST_TURNS).map(({ role, text }) => ({ role, content: text }));
    const asked = [...said.slice(0, -1), { role: 'user' as const, content: question }];
    return context === '' ? asked : [{ role: 'system', content: context }, ...asked];
  }

  #tellMessage(role: Turn['role'], text: string): void {
    const words = this.#policy.value?.widget.messages === 'read' ? { text } : {};
    this.#tell({ type: 'message', role, characters: text.length, ...words });
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const kind = SottoError.isInstance(error) && BLOCKED.has(error.code) ? 'blocked' : 'failed';
      this.#phase.value = { kind, failure: this.#report(error) };
      this.#tell({ type: 'state', state: kind });
    }
  }

  #report(error: unknown): Failure {
    const isOurs = SottoError.isInstance(error);
    const message = error instanceof Error ? error.message : String(error);
    this.#tell({ type: 'error', code: isOurs ? error.code : 'internal', message });
    return { message, action: isOurs ? error.userAction : '' };
  }
}

/** A module of one function that makes a vector: whether this browser has WebAssembly SIMD, without compiling anything. */
const SIMD_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
];

function hasSimd(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(new Uint8Array(SIMD_MODULE));
}

/**
 * The second wall behind the server's `frame-ancestors`, which a host that serves plain files may not send: a page that the
 * policy does not name gets no assistant. A policy that names nobody leaves it to the server.
 */
function permitHost({ frameAncestors, organisation }: Policy, origin: string | null, ownOrigin: string): void {
  const isFine = origin === null || origin === ownOrigin || frameAncestors.length === 0;
  if (isFine || isAmong(frameAncestors, origin)) return;
  const who = organisation === '' ? 'this site' : organisation;
  throw new SottoError(
    'blocked-by-policy',
    `The policy of ${who} does not let pages of ${origin} hold the assistant.`,
    {
      details: { subject: origin },
    },
  );
}
