import { type Envelope, fromErrorEnvelope } from '../../protocol/index.ts';
import { abortError } from '../../shared/index.ts';

interface Context {
  readonly callId: string;
  readonly port: object;
}
interface CallOptions {
  readonly signal?: AbortSignal;
  readonly abort?: (context: Context) => void;
}

/** A supervised worker that calls the given methods, and passes aborts on as the real one does. */
export function fakeWorker(port: object) {
  let calls = 0;
  const worker = {
    isRunning: false,
    incarnation: 0,
    async call<T>(run: (context: Context) => Promise<Envelope<T>>, { signal, abort }: CallOptions = {}): Promise<T> {
      if (signal?.aborted) throw abortError();
      if (!worker.isRunning) worker.incarnation += 1;
      worker.isRunning = true;
      const context = { port, callId: `call-${++calls}` };
      signal?.addEventListener('abort', () => abort?.(context));
      const envelope = await run(context);
      if (envelope.ok) return envelope.value;
      throw fromErrorEnvelope(envelope.error);
    },
    stop: () => {
      worker.isRunning = false;
    },
  };
  return worker;
}

export const ok = <T>(value: T): Envelope<T> => ({ ok: true, value });
