import type { SharedContent, TakeSharedCommand } from '../../protocol/index.ts';

/** How long shared content waits for a page to take it. */
const PATIENCE_MS = 60_000;

/** Path below the scope, as the web manifest names it. */
const PATH = 'share-target';

export interface ShareTarget {
  /** True for the request with which the system hands over what was shared. */
  isShare(request: Request): boolean;
  /** Keeps what was shared, and leads to the page that takes it. */
  receive(request: Request, waitUntil: (work: Promise<unknown>) => void): Promise<Response>;
  /** Answers a page's `take-shared`; what is taken is gone. */
  answer(data: unknown, ports: readonly MessagePort[]): void;
}

export function createShareTarget(scope: string): ShareTarget {
  let waiting: SharedContent | null = null;
  let taken = () => {};
  return {
    isShare: ({ method, url }) => method === 'POST' && url === new URL(PATH, scope).href,
    async receive(request, waitUntil) {
      waiting = await contentOf(request);
      // The browser ends a service worker that has nothing to do, and what it holds with it.
      waitUntil(
        new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, PATIENCE_MS);
          taken = () => {
            clearTimeout(timer);
            resolve();
          };
        }).then(() => {
          waiting = null;
        }),
      );
      return Response.redirect(new URL('?shared', scope), 303);
    },
    answer(data, [port]) {
      if ((data as Partial<TakeSharedCommand> | null)?.type !== 'take-shared' || port === undefined) return;
      port.postMessage(waiting);
      waiting = null;
      taken();
    },
  };
}

async function contentOf(request: Request): Promise<SharedContent> {
  // A form that cannot be read shares nothing; the page opens all the same.
  const form = await request.formData().catch(() => new FormData());
  const text = ['title', 'text', 'url'].flatMap((name) => {
    const value = form.get(name);
    return typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [];
  });
  const files = form.getAll('files').filter((value) => value instanceof File && value.size > 0) as File[];
  return { text: [...new Set(text)].join('\n'), files };
}
