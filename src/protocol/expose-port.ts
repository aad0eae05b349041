import { expose } from 'comlink';
import { type Envelope, settle } from './envelope.ts';
import { PROTOCOL_VERSION } from './version.ts';

interface Port {
  hello(): Envelope<{ readonly protocolVersion: number }> | Promise<Envelope<{ readonly protocolVersion: number }>>;
}

/**
 * What every worker entry calls: offers the port to the owner, and makes the worker's death and its stray errors visible.
 *
 * - A Web Lock with the worker's own name is held for as long as the thread lives. The browser lets go of it when the
 *   thread dies by whatever cause, so the owner learns of it at once; no event says so otherwise.
 * - An unhandled rejection inside a worker fires nothing outside it. Thrown again from a timer it becomes an `error` event.
 */
export function exposePort<P extends Port>(port: Omit<P, 'hello'>): void {
  const held = holdOwnLock();
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    setTimeout(() => {
      throw event.reason;
    });
  });
  expose(
    Object.assign(port, {
      hello: () =>
        settle(async () => {
          await held;
          return { protocolVersion: PROTOCOL_VERSION };
        }),
    }),
  );
}

function holdOwnLock(): Promise<void> {
  const { name } = self;
  // Web Locks exist in secure contexts only; without them the owner still sees `error` events.
  if (name === '' || !('locks' in navigator)) return Promise.resolve();
  return new Promise((resolve) => {
    void navigator.locks.request(name, () => {
      resolve();
      return new Promise<never>(() => {});
    });
  });
}
