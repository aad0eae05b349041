import type { Envelope, InferencePort } from '../../protocol/index.ts';
import { abortError, type SottoError } from '../../shared/index.ts';
import type { CallOptions } from '../supervised-worker.ts';
import type { GuardedPort } from './engine-host.ts';
import { type CallArgument, type EngineMessage, type EngineMethod, type EngineState, IS_WORD } from './messages.ts';

/** A leader that has said nothing for so long, though it was asked, is frozen or gone. */
const SILENCE_MS = 2_500;
const ASK_EVERY_MS = 700;
/** An abort that the leader has not honoured by then is not waited for. */
const ABORT_GRACE_MS = 5_000;

interface Pending {
  readonly args: readonly unknown[];
  readonly settle: (envelope: Envelope<unknown>, state: EngineState) => void;
  readonly fail: (error: Error) => void;
}

export interface RemoteEngineOptions {
  readonly tab: string;
  readonly leader: string;
  readonly state: EngineState;
  readonly post: (message: EngineMessage) => void;
  readonly onSilence: () => void;
}

/** The engine of another tab. */
export class RemoteEngine {
  readonly #options: RemoteEngineOptions;
  readonly #pending = new Map<number, Pending>();
  #state: EngineState;
  #numbers = 0;
  #heard = performance.now();
  #asking: ReturnType<typeof setInterval> | undefined;
  /** The incarnation this tab loaded its model into. */
  #loaded = '';

  constructor(options: RemoteEngineOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  get leader(): string {
    return this.#options.leader;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** Runs one call there; `run` gets a port that speaks for this call alone. */
  async call<T>(
    run: (context: { port: InferencePort; callId: string }) => Promise<Envelope<T>>,
    {
      signal,
      timeoutMs,
      timeoutError,
      abort,
    }: CallOptions & { abort?: (context: { port: InferencePort; callId: string }) => void },
    callId: string,
  ): Promise<Envelope<T>> {
    const mine: number[] = [];
    const methods = new Proxy({} as GuardedPort, {
      get:
        (_, method) =>
        (...args: readonly unknown[]) =>
          this.#send(method as EngineMethod, args, callId, mine),
    });
    const context = { port: methods as unknown as InferencePort, callId };
    const fail = (error: Error) => {
      for (const number of mine) this.#pending.get(number)?.fail(error);
    };
    const timers: ReturnType<typeof setTimeout>[] = [];
    const onAbort = () => {
      const running = [...mine];
      abort?.(context);
      const giveUp = () => {
        for (const number of running) this.#pending.get(number)?.fail(abortError());
      };
      timers.push(setTimeout(giveUp, ABORT_GRACE_MS));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (timeoutMs !== undefined) {
      timers.push(
        setTimeout(() => fail(timeoutError?.() ?? abortError('The other tab did not answer in time.')), timeoutMs),
      );
    }
    try {
      return await run(context);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** Takes a message from the channel. */
  hear(message: EngineMessage): void {
    if (message.type === 'lead' && message.from === this.leader) {
      this.#heard = performance.now();
      this.#state = message.state;
    }
    if (message.type !== 'event' && message.type !== 'result') return;
    // Numbers begin anew with each leader: one that thaws may still answer what another one is asked by now.
    if (message.to !== this.#options.tab || message.from !== this.leader) return;
    this.#heard = performance.now();
    const pending = this.#pending.get(message.number);
    if (message.type === 'result') pending?.settle(message.envelope, message.state);
    else (pending?.args[message.place] as ((event: unknown) => void) | undefined)?.(message.event);
  }

  /** Rejects all that waits. */
  end(error: SottoError): void {
    for (const { fail } of [...this.#pending.values()]) fail(error);
    clearInterval(this.#asking);
  }

  #send(method: EngineMethod, args: readonly unknown[], callId: string, mine: number[]): Promise<Envelope<unknown>> {
    const { tab, leader, post } = this.#options;
    const number = ++this.#numbers;
    const portable = args.map((value): CallArgument => (typeof value === 'function' ? { listener: true } : { value }));
    post({ type: 'call', from: tab, to: leader, callId, number, method, args: portable, loaded: this.#loaded });
    if (IS_WORD.has(method)) return Promise.resolve({ ok: true, value: null });
    mine.push(number);
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#pending.delete(number);
        if (this.#pending.size === 0) this.#stopAsking();
      };
      const settle = (envelope: Envelope<unknown>, state: EngineState) => {
        this.#state = state;
        if (method === 'load' && envelope.ok) this.#loaded = state.incarnation;
        done();
        resolve(envelope);
      };
      const fail = (error: Error) => {
        done();
        reject(error);
      };
      this.#pending.set(number, { args, settle, fail });
      this.#startAsking();
    });
  }

  /** As long as something is waited for, the leader is asked whether it is there. */
  #startAsking(): void {
    if (this.#asking !== undefined) return;
    this.#heard = performance.now();
    this.#asking = setInterval(() => {
      if (performance.now() - this.#heard >= SILENCE_MS) this.#options.onSilence();
      this.#options.post({ type: 'who', from: this.#options.tab });
    }, ASK_EVERY_MS);
  }

  #stopAsking(): void {
    clearInterval(this.#asking);
    this.#asking = undefined;
  }
}
