import { describe, expect, it, vi } from 'vitest';
import { AsyncQueue } from './async-queue.ts';

async function all<T>(queue: AsyncQueue<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of queue) values.push(value);
  return values;
}

describe('AsyncQueue', () => {
  it('gives values in order, those pushed before and those pushed while reading', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    const reading = all(queue);
    queue.push(2);
    await Promise.resolve();
    queue.push(3);
    queue.close();
    await expect(reading).resolves.toEqual([1, 2, 3]);
  });

  it('gives what came before an error, then the error once, then the end', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.fail(new Error('lost'));
    await expect(queue.next()).resolves.toEqual({ done: false, value: 1 });
    await expect(queue.next()).rejects.toThrow('lost');
    await expect(queue.next()).resolves.toEqual({ done: true, value: undefined });
  });

  it('wakes a waiting reader with an error', async () => {
    const queue = new AsyncQueue<number>();
    const waiting = queue.next();
    queue.fail(new Error('lost'));
    await expect(waiting).rejects.toThrow('lost');
  });

  it('gives values to several who wait in the order in which they asked', async () => {
    const queue = new AsyncQueue<number>();
    const waiting = [queue.next(), queue.next(), queue.next()];
    queue.push(1);
    queue.push(2);
    queue.close();
    await expect(Promise.all(waiting)).resolves.toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: true, value: undefined },
    ]);
  });

  it('lets a waiting reader go when the iteration is left', async () => {
    const queue = new AsyncQueue<number>();
    const waiting = queue.next();
    await queue.return();
    await expect(waiting).resolves.toEqual({ done: true, value: undefined });
  });

  it('tells the writer when the reader leaves early, and only then', async () => {
    const onReturn = vi.fn();
    const left = new AsyncQueue<number>(onReturn);
    left.push(1);
    for await (const _ of left) break;
    expect(onReturn).toHaveBeenCalledOnce();
    await expect(left.next()).resolves.toEqual({ done: true, value: undefined });

    const onEnd = vi.fn();
    const finished = new AsyncQueue<number>(onEnd);
    finished.close();
    await finished.return();
    expect(onEnd).not.toHaveBeenCalled();
  });
});
