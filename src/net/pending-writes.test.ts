import { describe, expect, it } from 'vitest';
import { PendingWrites } from './pending-writes.ts';

function deferred() {
  let resolve = () => {};
  let reject = (_: Error) => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('PendingWrites', () => {
  it('lets as many run as the limit says, then waits for one to end', async () => {
    const writes = new PendingWrites(2);
    const [first, second] = [deferred(), deferred()];
    await writes.add(first.promise);
    let hasRoom = false;
    const adding = writes.add(second.promise).then(() => {
      hasRoom = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(hasRoom).toBe(false);
    second.resolve();
    await adding;
    first.resolve();
    await writes.settle();
  });

  it('reports the first failure at the next write and at the end, and lets the others finish', async () => {
    const writes = new PendingWrites(3);
    const [first, second] = [deferred(), deferred()];
    await writes.add(first.promise);
    await writes.add(second.promise);
    second.reject(new Error('disk'));
    await expect(writes.add(Promise.resolve())).rejects.toThrow('disk');
    first.reject(new Error('later'));
    await expect(writes.settle()).rejects.toThrow('disk');
  });
});
