import { type Remote, releaseProxy, wrap } from 'comlink';
import { type Envelope, fromErrorEnvelope, PROTOCOL_VERSION } from '../protocol/index.ts';
import { abortError, SottoError } from '../shared/index.ts';
import { untilAborted } from './until-aborted.ts';

/** A worker script that has not said hello by then is not coming: a slow disk is quicker, a captive portal never answers. */
const HELLO_TIMEOUT_MS = 20_000;
/** An abort that a worker has not honoured by then is enforced by ending the worker. */
const ABORT_GRACE_MS = 5_000;

/** What every worker answers first. */
export interface PortWithHello {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
}

interface SupervisedWorkerOptions {
  readonly name: string;
  /** Makes the thread; `name` must become the worker's own name, because its life is watched through a lock of that name. */
  readonly create: (name: string) => Worker;
  /** Told once each time the worker dies by itself; not for `stop`. */
  readonly onLost?: (error: SottoError) => void;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds the worker may take before it is ended and `timeoutError` is thrown. */
  readonly timeoutMs?: number;
  readonly timeoutError?: () => Error;
}

/** What one call gets to speak to the worker. */
export interface CallContext<Port> {
  readonly port: Remote<Port>;
  /** Unique to this call; the worker knows it by this name when it is aborted. */
  readonly callId: string;
}

/** The `abort` of a call whose worker knows it by its `callId`. */
export function abortByCallId({ port, callId }: CallContext<{ abort(callId: string): void }>): void {
  void port.abort(callId);
}

interface Running<Port> {
  readonly port: Remote<Port>;
  /** Resolves when the worker has said hello; rejects where it dies before. */
  readonly ready: Promise<void>;
  /** Rejects when the worker dies, never resolves. Every call is raced against it: comlink alone would wait for ever. */
  readonly lost: Promise<never>;
  /** Ends the thread; its calls reject with `error`. Once is enough, more does no harm. */
  readonly end: (error: Error) => void;
}

let workersMade = 0;

/**
 * One worker under supervision: made at the first call, watched while it lives, made again at the next call after it died.
 * Every pending call settles, whatever happens to the thread.
 */
export class SupervisedWorker<Port extends PortWithHello> {
  readonly #options: SupervisedWorkerOptions;
  #running: Running<Port> | undefined;
  #incarnation = 0;
  #calls = 0;

  constructor(options: SupervisedWorkerOptions) {
    this.#options = options;
  }

  get #title(): string {
    return `The thread "${this.#options.name}"`;
  }

  /** Counts the workers made so far: state that lived in an earlier one is gone. */
  get incarnation(): number {
    return this.#incarnation;
  }

  /** True while a worker lives. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Runs one call in the worker and unwraps its envelope. Rejects with a SottoError, or with AbortError. */
  async call<T>(
    run: (context: CallContext<Port>) => Promise<Envelope<T>>,
    options: CallOptions & { readonly abort?: (context: CallContext<Port>) => void } = {},
  ): Promise<T> {
    const { signal } = options;
    if (signal?.aborted) throw abortError();
    const running = this.#running ?? this.#start();
    await untilAborted(running.ready, signal);
    if (signal?.aborted) throw abortError();

    const context = { port: running.port, callId: `${this.#options.name}-call-${++this.#calls}` };
    const timers: ReturnType<typeof setTimeout>[] = [];
    const onAbort = () => {
      if (this.#running !== running) return; // Dead: the call is about to reject, and nobody is left to tell.
      options.abort?.(context);
      timers.push(setTimeout(() => running.end(abortError()), ABORT_GRACE_MS));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const { timeoutMs, timeoutError } = options;
    if (timeoutMs !== undefined) {
      const error = () => timeoutError?.() ?? new SottoError('worker-lost', `${this.#title} did not answer.`);
      timers.push(setTimeout(() => running.end(error()), timeoutMs));
    }
    try {
      const envelope = await Promise.race([run(context), running.lost]);
      if (envelope.ok) return envelope.value;
      throw fromErrorEnvelope(envelope.error);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** Ends the worker and gives its memory back; pending calls reject with `disposed`, or with the error that is given. */
  stop(error = new SottoError('disposed', `${this.#title} was stopped.`)): void {
    this.#running?.end(error);
  }

  #start(): Running<Port> {
    const name = `sotto-${this.#options.name}-${++workersMade}-${crypto.randomUUID()}`;
    const worker = this.#options.create(name);
    const port = wrap<Port>(worker);
    const watch = new AbortController();
    let hasSaidHello = false;
    let reject: (error: Error) => void = () => {};
    const lost = new Promise<never>((_, rejectLost) => {
      reject = rejectLost;
    });
    lost.catch(() => {}); // Nobody may be waiting when it dies.

    const running: Running<Port> = {
      port,
      lost,
      end: (error) => {
        if (watch.signal.aborted) return;
        if (this.#running === running) this.#running = undefined;
        watch.abort();
        reject(error);
        port[releaseProxy]();
        worker.terminate();
      },
      ready: this.#greet(port, lost, () => {
        hasSaidHello = true;
        watchDeath(name, watch.signal, () => die('worker-lost', 'The thread ended without a word.'));
      }),
    };
    const die = (code: 'worker-lost' | 'worker-load-failed', reason: string) => {
      if (watch.signal.aborted) return;
      const error = new SottoError(code, `${this.#title} is lost: ${reason}`);
      running.end(error);
      this.#options.onLost?.(error);
    };
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      const place = event.filename ? ` (${event.filename}:${event.lineno})` : '';
      if (hasSaidHello) die('worker-lost', `${event.message || 'uncaught error'}${place}`);
      else die('worker-load-failed', event.message || 'the script did not load.');
    });
    worker.addEventListener('messageerror', () => die('worker-lost', 'a message could not be read.'));
    running.ready.catch((error: Error) => running.end(error));
    this.#running = running;
    this.#incarnation += 1;
    return running;
  }

  async #greet(port: Remote<Port>, lost: Promise<never>, onHello: () => void): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new SottoError('worker-load-failed', `${this.#title} did not start.`)),
        HELLO_TIMEOUT_MS,
      );
    });
    try {
      const hello = (await Promise.race([(port as Remote<PortWithHello>).hello(), lost, timeout])) as Envelope<{
        readonly protocolVersion: number;
      }>;
      if (!hello.ok) throw fromErrorEnvelope(hello.error);
      const { protocolVersion } = hello.value;
      if (protocolVersion !== PROTOCOL_VERSION) {
        const message = `${this.#title} speaks version ${protocolVersion}, this page ${PROTOCOL_VERSION}.`;
        throw new SottoError('protocol-mismatch', message);
      }
      onHello();
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Calls `onDeath` when the lock that the worker holds for life comes free. */
function watchDeath(name: string, signal: AbortSignal, onDeath: () => void): void {
  if (!('locks' in navigator)) return;
  navigator.locks.request(name, { signal }, onDeath).catch(() => {}); // Aborted: we ended the worker ourselves.
}
