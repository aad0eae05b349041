import { describe, expect, it } from 'vitest';
import { abortError, type Clock } from '../shared/index.ts';
import { StallGuard } from './stall-guard.ts';

/** Time that passes only when the test says so. */
class ManualClock implements Clock {
  #now = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener('abort', () => reject(abortError()), { once: true });
    });
  }
  pass(ms: number): void {
    this.#now += ms;
    for (const { at, wake } of this.#sleepers) if (at <= this.#now) wake();
    this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#now);
  }
}

const LIMITS = { windowMs: 1000, leastBytes: 100 };
const never = new Promise<never>(() => {});
const signal = new AbortController().signal;

function setUp() {
  const clock = new ManualClock();
  return { clock, guard: new StallGuard(clock, LIMITS) };
}

describe('StallGuard', () => {
  it('passes results and failures through', async () => {
    const { guard } = setUp();
    expect(await guard.wait(Promise.resolve(7), signal)).toBe(7);
    await expect(guard.wait(Promise.reject(new Error('mine')), signal)).rejects.toThrow('mine');
  });

  it('ends a silence', async () => {
    const { clock, guard } = setUp();
    const waiting = guard.wait(never, signal);
    clock.pass(1000);
    await expect(waiting).rejects.toMatchObject({ code: 'download-stalled' });
  });

  it('counts drops together over many waits, and a good gulp starts a new window', async () => {
    const { clock, guard } = setUp();
    const receive = async (bytes: number, ms: number) => {
      let arrive = () => {};
      const waiting = guard.wait(
        new Promise<void>((resolve) => {
          arrive = resolve;
        }),
        signal,
      );
      clock.pass(ms);
      arrive();
      await waiting;
      guard.count(bytes);
    };
    for (let round = 0; round < 5; round++) await receive(60, 450);
    await receive(1, 450);
    const waiting = guard.wait(never, signal);
    clock.pass(99);
    expect(await Promise.race([waiting.catch(() => 'stalled'), Promise.resolve('waiting')])).toBe('waiting');
    clock.pass(1);
    await expect(waiting).rejects.toMatchObject({ code: 'download-stalled' });
  });

  it('does not hold the time between waits against the server', async () => {
    const { clock, guard } = setUp();
    await guard.wait(Promise.resolve(), signal);
    clock.pass(5000);
    const waiting = guard.wait(never, signal);
    clock.pass(999);
    const outcome = await Promise.race([waiting.catch(() => 'stalled'), Promise.resolve('waiting')]);
    expect(outcome).toBe('waiting');
    clock.pass(1);
    await expect(waiting).rejects.toMatchObject({ code: 'download-stalled' });
  });

  it('ends with an abort, and leaves no failure unhandled behind it', async () => {
    const { guard } = setUp();
    const controller = new AbortController();
    const waiting = guard.wait(never, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    const late = guard.wait(Promise.reject(new Error('nobody waits for this')), controller.signal);
    await expect(late).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
