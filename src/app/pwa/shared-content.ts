import type { SharedContent, TakeSharedCommand } from '../../protocol/index.ts';

const PATIENCE_MS = 5000;

/** What the system's share sheet handed to the service worker, once; null where there is nothing. */
export function takeSharedContent(worker: ServiceWorker | null | undefined): Promise<SharedContent | null> {
  if (!worker) return Promise.resolve(null);
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), PATIENCE_MS);
    port1.onmessage = ({ data }: MessageEvent<SharedContent | null>) => {
      clearTimeout(timer);
      port1.close();
      resolve(data);
    };
    worker.postMessage({ type: 'take-shared' } satisfies TakeSharedCommand, [port2]);
  });
}
