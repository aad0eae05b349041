import { proxy } from 'comlink';
import { afterEach, describe, expect, it } from 'vitest';
import { SottoError } from '../shared/index.ts';
import oldVersionUrl from './fixtures/old-version.worker.ts?worker&url';
import type { UnrulyPort } from './fixtures/unruly.worker.ts';
import unrulyUrl from './fixtures/unruly.worker.ts?worker&url';
import { SupervisedWorker } from './supervised-worker.ts';

const lost: SottoError[] = [];
const made: SupervisedWorker<UnrulyPort>[] = [];

function supervise(url: string): SupervisedWorker<UnrulyPort> {
  const worker = new SupervisedWorker<UnrulyPort>({
    name: 'unruly',
    create: (name) => new Worker(url, { type: 'module', name }),
    onLost: (error) => lost.push(error),
  });
  made.push(worker);
  return worker;
}

afterEach(() => {
  for (const worker of made.splice(0)) worker.stop();
  lost.length = 0;
});

async function errorOf(promise: Promise<unknown>): Promise<SottoError> {
  const error = await promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (reason: unknown) => reason,
  );
  if (!SottoError.isInstance(error)) throw error;
  return error;
}

describe('a supervised worker', () => {
  it('answers', async () => {
    const worker = supervise(unrulyUrl);
    await expect(worker.call(({ port }) => port.echo('quiet'))).resolves.toBe('quiet');
    expect(worker.incarnation).toBe(1);
  });

  it('answers after all that it told during the call', async () => {
    const worker = supervise(unrulyUrl);
    await worker.call(({ port }) => port.echo(''));
    let steps = 0;
    const onStep = proxy(() => {
      steps += 1;
    });
    const told = worker.call(({ port }) => port.tell(500, onStep)).then(() => steps);
    // A page that is busy meanwhile finds all of it at once, in an order that is nobody's.
    await Promise.resolve().then(() => {
      const end = performance.now() + 500;
      while (performance.now() < end);
    });
    expect(await told).toBe(500);
    // A listener that fails is no failure of the call, nor the end of the worker.
    const failing = proxy(() => {
      throw new Error('heard and failed');
    });
    await expect(worker.call(({ port }) => port.tell(3, failing))).resolves.toBe('told');
    await expect(worker.call(({ port }) => port.echo('again'))).resolves.toBe('again');
  });

  it('brings coded errors across with their details', async () => {
    const error = await errorOf(supervise(unrulyUrl).call(({ port }) => port.failWithCode()));
    expect(error).toMatchObject({
      code: 'storage-full',
      message: 'No room.',
      details: { neededBytes: 98 },
      isRetryable: true,
    });
    expect(error.cause).toContain('SottoError');
  });

  it('calls an unknown error internal and keeps its message', async () => {
    const error = await errorOf(supervise(unrulyUrl).call(({ port }) => port.failWithStranger()));
    expect(error).toMatchObject({ code: 'internal', message: 'TypeError: x is not a function' });
  });

  it.each([
    ['closes itself', (port: UnrulyPort) => port.close(), 'ended without a word'],
    ['throws outside a call', (port: UnrulyPort) => port.throwLater(), 'thrown in a timer'],
    ['rejects outside a call', (port: UnrulyPort) => port.rejectUnhandled(), 'rejected and forgotten'],
  ])('settles every pending call when the worker %s, and the next call works', async (_, misbehave, message) => {
    const worker = supervise(unrulyUrl);
    const other = errorOf(worker.call(({ port }) => port.never()));
    const culprit = errorOf(worker.call(({ port }) => misbehave(port as unknown as UnrulyPort)));
    for (const error of [await other, await culprit]) {
      expect(error.code).toBe('worker-lost');
      expect(error.message).toContain(message);
    }
    expect(lost).toHaveLength(1);
    await expect(worker.call(({ port }) => port.echo('again'))).resolves.toBe('again');
    expect(worker.incarnation).toBe(2);
  });

  it('says so when the script does not load', async () => {
    const error = await errorOf(supervise('/no-such.worker.js').call(({ port }) => port.echo('')));
    expect(error.code).toBe('worker-load-failed');
  });

  it('refuses a worker of another version', async () => {
    const error = await errorOf(supervise(oldVersionUrl).call(({ port }) => port.echo('')));
    expect(error.code).toBe('protocol-mismatch');
  });

  it('ends a worker that overruns its time, with the error of the caller', async () => {
    const worker = supervise(unrulyUrl);
    await worker.call(({ port }) => port.echo(''));
    const error = await errorOf(
      worker.call(({ port }) => port.spin(), {
        timeoutMs: 100,
        timeoutError: () => new SottoError('template-rejected', 'Too slow.'),
      }),
    );
    expect(error.code).toBe('template-rejected');
    expect(worker.isRunning).toBe(false);
    await expect(worker.call(({ port }) => port.echo('again'))).resolves.toBe('again');
  });

  it('passes an abort on, and takes what the worker then answers', async () => {
    const worker = supervise(unrulyUrl);
    await worker.call(({ port }) => port.echo(''));
    const controller = new AbortController();
    const call = worker.call(({ port, callId }) => port.waitForAbort(callId), {
      signal: controller.signal,
      abort: ({ port, callId }) => void port.abort(callId),
    });
    setTimeout(() => controller.abort(), 50);
    await expect(call).resolves.toBe('stopped');
    expect(worker.incarnation).toBe(1);
  });

  it('does not start for a signal that has fired already', async () => {
    const worker = supervise(unrulyUrl);
    const call = worker.call(({ port }) => port.echo(''), { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    expect(worker.incarnation).toBe(0);
  });

  it('rejects pending calls as disposed when it is stopped, and tells nobody that it was lost', async () => {
    const worker = supervise(unrulyUrl);
    await worker.call(({ port }) => port.echo(''));
    const pending = errorOf(worker.call(({ port }) => port.never()));
    setTimeout(() => worker.stop());
    expect((await pending).code).toBe('disposed');
    expect(lost).toHaveLength(0);
  });
});
