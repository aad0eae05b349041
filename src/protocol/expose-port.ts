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
 * - A result comes after all that the owner was told during the call, though both travel on ports of their own.
 * - A listener that throws in the owner's thread ends nothing here: its call goes on.
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
    resultsLast(
      Object.assign(port, {
        hello: () =>
          settle(async () => {
            await held;
            return { protocolVersion: PROTOCOL_VERSION };
          }),
      }),
    ),
  );
}

/** The same methods, each of which waits until the owner has heard what it told the listeners among its arguments. */
function resultsLast<P extends object>(port: P): P {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...given: readonly unknown[]) => {
        let last: unknown;
        const hear = (listener: (...said: unknown[]) => unknown) =>
          new Proxy(listener, {
            apply(_, __, said: unknown[]) {
              last = listener(...said);
              // Whoever tells it something does not wait: nobody else would catch what the owner's own code threw.
              Promise.resolve(last).catch(() => {});
              return last;
            },
          });
        const heard = given.map((one) => (typeof one === 'function' ? hear(one as () => unknown) : one));
        const result: unknown = await Reflect.apply(method, target, heard);
        // A port keeps its order: where the last has arrived, all have. That a listener failed is its owner's business.
        await Promise.resolve(last).catch(() => {});
        return result;
      };
    },
  });
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
