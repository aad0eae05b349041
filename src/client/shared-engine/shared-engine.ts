import { type Envelope, fromErrorEnvelope, type InferencePort } from '../../protocol/index.ts';
import { abortError, SottoError } from '../../shared/index.ts';
import type { CallContext, CallOptions, SupervisedWorker } from '../supervised-worker.ts';
import { untilAborted } from '../until-aborted.ts';
import { EngineHost } from './engine-host.ts';
import { Leadership } from './leadership.ts';
import { ENGINE_NAME, type EngineMessage, tabLock } from './messages.ts';
import { RemoteEngine } from './remote-engine.ts';

type Options = CallOptions & { readonly abort?: (context: CallContext<InferencePort>) => void };

/**
 * The one engine of the origin, used like a worker of one's own: it runs in this tab if this tab leads, else in the one that
 * does. Where the browser lacks locks or channels, every tab has its own.
 */
export class SharedEngine {
  readonly #tab = crypto.randomUUID();
  readonly #worker: SupervisedWorker<InferencePort>;
  #membership: Membership | undefined;
  #calls = 0;

  constructor(worker: SupervisedWorker<InferencePort>) {
    this.#worker = worker;
  }

  /** Changes when what was loaded is gone: another worker, another model, another leader. */
  get incarnation(): number | string {
    const { remote, host } = this.#membership ?? {};
    if (remote !== undefined) return remote.state.incarnation;
    return host?.state.incarnation ?? this.#worker.incarnation;
  }

  /** True while there is an engine that may hold a model. */
  get isRunning(): boolean {
    return this.#membership?.remote?.state.isRunning ?? this.#worker.isRunning;
  }

  /** Runs one call. Rejects with a SottoError (`engine-moved`: safe to try again), or with AbortError. */
  async call<T>(run: (context: CallContext<InferencePort>) => Promise<Envelope<T>>, options: Options = {}): Promise<T> {
    const { signal } = options;
    if (signal?.aborted) throw abortError();
    if (!canShare()) return this.#worker.call(run, options);
    this.#membership ??= new Membership(this.#tab, this.#worker);
    const membership = this.#membership;
    await untilAborted(membership.ready(), signal);
    const { remote, host } = membership;
    if (remote !== undefined) {
      const callId = `${this.#tab}-call-${++this.#calls}`;
      type Here = Parameters<RemoteEngine['call']>;
      const envelope = await remote.call(run as unknown as Here[0], options as Here[1], callId);
      if (envelope.ok) return envelope.value as T;
      throw fromErrorEnvelope(envelope.error);
    }
    return this.#worker.call(({ port, callId }) => {
      const guarded = host?.guard(port, this.#tab, () => membership.loaded) ?? port;
      return membership.noting(run({ port: guarded as unknown as CallContext<InferencePort>['port'], callId }));
    }, options);
  }

  /** Ends the thread, unless other tabs are using it; calls of this tab reject with `disposed`. */
  stop(): void {
    if (this.#membership?.host?.isUsedByOthers(this.#tab)) return;
    this.#worker.stop();
    this.#membership?.host?.announce();
  }

  /** Ends what this tab has to do with the engine; if it was the leader, another tab is now. A later call begins afresh. */
  leave(): void {
    const membership = this.#membership;
    this.#membership = undefined;
    this.#worker.stop();
    membership?.end();
  }
}

/** A page that is not frozen answers within this time, whatever else it does. */
const ANSWER_MS = 1_000;

/** One tab among those that share, from its first call until it leaves. */
class Membership {
  readonly #tab: string;
  readonly #worker: SupervisedWorker<InferencePort>;
  readonly #channel = new BroadcastChannel(ENGINE_NAME);
  readonly #leadership: Leadership;
  readonly #left = new AbortController();
  #host: EngineHost | undefined;
  #remote: RemoteEngine | undefined;
  #joining: Promise<void> | undefined;
  readonly #leadListeners = new Set<() => void>();
  /** The incarnation this tab loaded its model into, while it leads. */
  loaded = '';

  constructor(tab: string, worker: SupervisedWorker<InferencePort>) {
    this.#tab = tab;
    this.#worker = worker;
    this.#channel.onmessage = ({ data }: MessageEvent<EngineMessage>) => this.#hear(data);
    this.#leadership = new Leadership({
      name: ENGINE_NAME,
      onGain: () => this.#lead(),
      onLose: () => this.#yield(),
    });
    // Held for life: the leader sees by it when this tab is gone.
    const hold = () => new Promise<void>((resolve) => this.#left.signal.addEventListener('abort', () => resolve()));
    void navigator.locks.request(tabLock(tab), hold);
  }

  get host(): EngineHost | undefined {
    return this.#host;
  }

  get remote(): RemoteEngine | undefined {
    return this.#remote;
  }

  /** Resolves when it is known who leads. */
  ready(): Promise<void> {
    if (this.#host !== undefined || this.#remote !== undefined) return Promise.resolve();
    this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
    });
    return this.#joining;
  }

  /** After a load of this tab, what it loaded is what the engine holds. */
  async noting<T>(result: Promise<Envelope<T>>): Promise<Envelope<T>> {
    const envelope = await result;
    const isModel =
      envelope.ok && typeof envelope.value === 'object' && envelope.value !== null && 'loadMs' in envelope.value;
    if (isModel && this.#host !== undefined) this.loaded = this.#host.state.incarnation;
    return envelope;
  }

  end(): void {
    this.#left.abort();
    this.#remote?.end(new SottoError('disposed', 'This tab has left the engine.'));
    this.#leadership.leave();
    this.#channel.close();
  }

  async #join(): Promise<void> {
    await this.#leadership.join();
    while (this.#host === undefined && this.#remote === undefined) {
      if (!(await this.#isAnswering())) await this.#leadership.steal(() => this.#isAnswering());
    }
  }

  /** Asks who leads; false when nobody has said so in time. */
  #isAnswering(): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isAnswered: boolean) => {
        clearTimeout(timer);
        this.#leadListeners.delete(onLead);
        resolve(isAnswered);
      };
      const onLead = () => end(true);
      const timer = setTimeout(() => end(false), ANSWER_MS);
      this.#leadListeners.add(onLead);
      this.#post({ type: 'who', from: this.#tab });
    });
  }

  #hear(message: EngineMessage): void {
    if (message.type === 'who') this.#host?.announce();
    if (message.type === 'call' && message.to === this.#tab) void this.#host?.answer(message);
    if (message.type === 'lead') this.#follow(message);
    this.#remote?.hear(message);
  }

  #follow({ from, state }: Extract<EngineMessage, { readonly type: 'lead' }>): void {
    if (this.#host !== undefined) return;
    if (this.#remote?.leader !== from) {
      this.#remote?.end(moved());
      this.#remote = new RemoteEngine({
        tab: this.#tab,
        leader: from,
        state,
        post: (message) => this.#post(message),
        onSilence: () => void this.#leadership.steal(() => this.#isAnswering()),
      });
    }
    for (const listener of [...this.#leadListeners]) listener();
  }

  #lead(): void {
    this.#remote?.end(moved());
    this.#remote = undefined;
    this.loaded = '';
    this.#host = new EngineHost(this.#tab, this.#worker, (message) => this.#post(message));
    this.#host.announce();
    for (const listener of [...this.#leadListeners]) listener();
  }

  /** Another tab has the engine now; this one was frozen, or too busy to answer. */
  #yield(): void {
    this.#host = undefined;
    this.#worker.stop(moved());
  }

  #post(message: EngineMessage): void {
    if (!this.#left.signal.aborted) this.#channel.postMessage(message);
  }
}

function moved(): SottoError {
  return new SottoError('engine-moved', 'The tab that ran the engine is gone; another one runs it now.');
}

function canShare(): boolean {
  return typeof BroadcastChannel === 'function' && typeof navigator === 'object' && 'locks' in navigator;
}
