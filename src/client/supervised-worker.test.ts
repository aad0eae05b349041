import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Envelope, PROTOCOL_VERSION } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import { SupervisedWorker } from './supervised-worker.ts';

interface Port {
  hello(): Envelope<{ readonly protocolVersion: number }>;
  never(): Promise<Envelope<never>>;
  abort(callId: string): void;
}

/** A thread that says hello if it is told to, and answers nothing else. */
class SilentWorker extends EventTarget {
  readonly terminate = vi.fn();
  readonly #saysHello: boolean;

  constructor(saysHello: boolean) {
    super();
    this.#saysHello = saysHello;
  }

  postMessage({ id, path }: { readonly id: string; readonly path?: readonly string[] }): void {
    if (!this.#saysHello || path?.[0] !== 'hello') return;
    const value = { ok: true, value: { protocolVersion: PROTOCOL_VERSION } };
    queueMicrotask(() => this.dispatchEvent(new MessageEvent('message', { data: { id, type: 'RAW', value } })));
  }

  die(): void {
    this.dispatchEvent(new Event('error'));
  }
}

function supervise(thread: SilentWorker, onLost?: () => void): SupervisedWorker<Port> {
  const create = () => thread as unknown as Worker;
  return new SupervisedWorker<Port>({ name: 'silent', create, ...(onLost ? { onLost } : {}) });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const codeOf = (error: unknown) => (SottoError.isInstance(error) ? error.code : (error as Error).name);

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.stubGlobal('navigator', {});
  process.on('unhandledRejection', onUnhandled);
});
afterEach(() => {
  process.off('unhandledRejection', onUnhandled);
  unhandled.length = 0;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a worker that never says hello', () => {
  it.each([
    ['fails to load', (thread: SilentWorker) => thread.die(), 'worker-load-failed'],
    ['is stopped', (_: SilentWorker, worker: SupervisedWorker<Port>) => worker.stop(), 'disposed'],
    ['is waited for long enough', () => {}, 'worker-load-failed'],
  ])('is ended once when it %s, and nothing is heard of it later', async (_, end, code) => {
    const thread = new SilentWorker(false);
    const worker = supervise(thread);
    const call = worker.call(({ port }) => port.never()).catch(codeOf);
    await turn();
    end(thread, worker);
    await vi.advanceTimersByTimeAsync(60_000);
    await turn();
    expect(await call).toBe(code);
    expect(thread.terminate).toHaveBeenCalledTimes(1);
    expect(unhandled).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not hold up an abort', async () => {
    const controller = new AbortController();
    const settled = vi.fn();
    const call = supervise(new SilentWorker(false)).call(({ port }) => port.never(), { signal: controller.signal });
    call.catch(codeOf).then(settled);
    await turn();
    controller.abort();
    await turn();
    expect(settled).toHaveBeenCalledWith('AbortError');
  });
});

it('tells a dead worker nothing of an abort', async () => {
  const thread = new SilentWorker(true);
  const controller = new AbortController();
  const abort = vi.fn();
  const worker = supervise(thread, () => controller.abort());
  const call = worker.call(({ port }) => port.never(), { signal: controller.signal, abort }).catch(codeOf);
  await turn();
  thread.die();
  expect(await call).toBe('worker-lost');
  expect(abort).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
