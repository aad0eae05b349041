import { proxy } from 'comlink';
import {
  type DecoderSource,
  type Envelope,
  type InferencePort,
  type LoadOptions,
  settle,
} from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { SupervisedWorker } from '../supervised-worker.ts';
import { type EngineMessage, type EngineMethod, type EngineState, IS_WORD, tabLock } from './messages.ts';

type CallMessage = Extract<EngineMessage, { readonly type: 'call' }>;
type AnyMethod = (...args: readonly unknown[]) => Promise<Envelope<unknown>>;
/** The engine's methods by name, behind the checks of the host. */
export type GuardedPort = Readonly<Record<EngineMethod, AnyMethod>>;

/** The model the engine has, or is about to have. */
interface Held {
  readonly key: string;
  readonly workerIncarnation: number;
  readonly result: Promise<Envelope<unknown>>;
}

/** Methods whose answer depends on the model that is loaded. */
const NEEDS_MODEL: ReadonlySet<EngineMethod> = new Set(['generate', 'countTokens', 'saveSession', 'loadAdapter']);

/** The engine of the leading tab, for its own calls and those of other tabs. */
export class EngineHost {
  readonly #tab: string;
  readonly #worker: SupervisedWorker<InferencePort>;
  readonly #post: (message: EngineMessage) => void;
  #loads = 0;
  #held: Held | undefined;
  /** Calls of each tab that run now. */
  readonly #running = new Map<string, number>();

  constructor(tab: string, worker: SupervisedWorker<InferencePort>, post: (message: EngineMessage) => void) {
    this.#tab = tab;
    this.#worker = worker;
    this.#post = post;
  }

  get state(): EngineState {
    const incarnation = `${this.#tab}:${this.#worker.incarnation}:${this.#loads}`;
    return { incarnation, isRunning: this.#worker.isRunning };
  }

  /** Tells all tabs what the engine holds now. */
  announce(): void {
    this.#post({ type: 'lead', from: this.#tab, state: this.state });
  }

  /** The engine's port for one tab: loads of the same model are one, and nobody gets an answer of another model than he loaded. */
  guard(port: object, tab: string, loaded: () => string): GuardedPort {
    const methods = port as Record<EngineMethod, AnyMethod>;
    const guarded =
      (method: EngineMethod) =>
      (...args: readonly unknown[]) =>
        this.#counted(tab, () => {
          const forward = () => methods[method](...args);
          if (method === 'load') return this.#load(args[1] as DecoderSource, args[2] as LoadOptions, forward);
          if (IS_WORD.has(method)) return settle(async () => void (await forward()));
          if (method === 'unload') return this.#unload(tab, forward);
          if (NEEDS_MODEL.has(method) && loaded() !== this.state.incarnation) return moved();
          return forward();
        });
    return new Proxy({} as GuardedPort, { get: (_, method) => guarded(method as EngineMethod) });
  }

  /** Runs a call of another tab and sends it the result. */
  async answer({ from, callId, number, method, args, loaded }: CallMessage): Promise<void> {
    // An engine that does not run has nothing to abort or to hold, and need not be started for it.
    if (IS_WORD.has(method) && !this.#worker.isRunning) return;
    const revived = args.map((argument, place) =>
      'value' in argument
        ? argument.value
        : proxy((event: unknown) => this.#post({ type: 'event', from: this.#tab, to: from, number, place, event })),
    );
    const watch = new AbortController();
    const envelope = await settle(() =>
      this.#worker.call(({ port }) => {
        // A tab that is gone wants no answer.
        whenGone(from, watch.signal, () => void port.abort(callId));
        return this.guard(port, from, () => loaded)[method](...revived);
      }),
    );
    watch.abort();
    // As the leader's own tab does when it has heard the answer: memory of WebAssembly never shrinks.
    if (method === 'unload' && !this.isUsedByOthers(from)) this.#worker.stop();
    this.#post({ type: 'result', from: this.#tab, to: from, number, envelope, state: this.state });
  }

  /** Whether other tabs than this one have calls that run. */
  isUsedByOthers(tab: string): boolean {
    return [...this.#running.keys()].some((other) => other !== tab);
  }

  async #load(source: DecoderSource, options: LoadOptions, forward: () => Promise<Envelope<unknown>>) {
    const key = keyOf(source, options);
    const { incarnation } = this.#worker;
    if (this.#held?.key === key && this.#held.workerIncarnation === incarnation) {
      const envelope = await this.#held.result;
      // What ended the load of another tab, an abort perhaps, need not end this one.
      if (envelope.ok) return envelope;
    }
    this.#loads += 1;
    const held: Held = { key, workerIncarnation: incarnation, result: forward() };
    this.#held = held;
    this.announce();
    const envelope = await held.result;
    if (!envelope.ok && this.#held === held) this.#held = undefined;
    return envelope;
  }

  /** Another tab may be in the middle of an answer: its engine stays, and the next load waits for it. */
  async #unload(tab: string, forward: () => Promise<Envelope<unknown>>): Promise<Envelope<unknown>> {
    if (this.isUsedByOthers(tab)) return { ok: true, value: null };
    this.#loads += 1;
    this.#held = undefined;
    const envelope = await forward();
    this.announce();
    return envelope;
  }

  async #counted<T>(tab: string, work: () => Promise<T>): Promise<T> {
    this.#running.set(tab, (this.#running.get(tab) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#running.get(tab) ?? 1) - 1;
      if (left === 0) this.#running.delete(tab);
      else this.#running.set(tab, left);
    }
  }
}

/** The same model, asked for in the same way. A file is the same if its name, size and date are. */
function keyOf(source: DecoderSource, options: LoadOptions): string {
  if (source.kind === 'onnx') {
    const { model } = source;
    const files = model.kind === 'files' ? model.files.map(({ path, blob }) => [path, ...factsOf(blob)]) : [];
    return JSON.stringify(['onnx', model.kind === 'stored' ? model.modelId : model.name, files, options]);
  }
  if (source.kind === 'stored') return JSON.stringify([source.modelId, options]);
  return JSON.stringify([source.name, ...factsOf(source.file), options]);
}

function factsOf(file: Blob): readonly number[] {
  return [file.size, file instanceof File ? file.lastModified : 0];
}

/** The call has not begun: the client asks again by itself (`onLoadedModel`). */
function moved(): Promise<Envelope<never>> {
  const details = { hasRun: false };
  return settle(() =>
    Promise.reject(new SottoError('engine-moved', 'Another tab has loaded a model meanwhile.', { details })),
  );
}

function whenGone(tab: string, signal: AbortSignal, onGone: () => void): void {
  navigator.locks.request(tabLock(tab), { signal }, onGone).catch(() => {});
}
