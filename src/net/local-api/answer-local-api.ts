import type { ApiErrorBody, LocalApiCommand, LocalApiReply } from '../../protocol/index.ts';
import { type AnsweringPage, type AskablePage, findPage } from './find-page.ts';

/** Far above any prompt a model of this size can read; below what would fill a service worker's memory. */
const MOST_BODY_LENGTH = 16 * 1024 * 1024;

interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly pattern: RegExp;
}

const ENDPOINTS: readonly Endpoint[] = [
  { method: 'POST', pattern: /^v1\/(chat\/completions|completions|embeddings)$/ },
  { method: 'GET', pattern: /^v1\/models(\/[^/]+)?$/ },
];

/** Whether an address is this origin's own API. `scope` is the service worker's. */
export function isLocalApi(address: string, scope: string): boolean {
  return pathOf(address, scope).startsWith('v1/');
}

export interface LocalApiContext {
  readonly scope: string;
  /** The pages that may have an engine. */
  readonly pages: () => Promise<readonly AskablePage[]>;
  /** Keeps the service worker alive while an answer is being written. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
}

/** Answers a request to `/v1` of this origin from a page of this origin. Never rejects: failures are responses too. */
export async function answerLocalApi(request: Request, context: LocalApiContext): Promise<Response> {
  // A link, a form or an image of another site can reach this address; only a script of this one may use it.
  if (request.mode === 'navigate' || request.mode === 'no-cors') {
    return failure(403, 'This API answers scripts of its own origin only.', 'origin_not_allowed');
  }
  const path = pathOf(request.url, context.scope);
  const known = ENDPOINTS.filter(({ pattern }) => pattern.test(path));
  if (known.length === 0) {
    return failure(404, `Unknown address: ${request.method} /${path}.`, 'unknown_url');
  }
  if (!known.some(({ method }) => method === request.method)) {
    return failure(405, `/${path} takes ${known.map(({ method }) => method).join(', ')}.`, 'method_not_allowed');
  }
  const body = request.method === 'GET' ? '' : await request.text();
  if (body.length > MOST_BODY_LENGTH) return failure(413, 'The request is too large.', 'request_too_large');
  const model = request.method === 'GET' ? null : modelOf(body);
  if (model === undefined) return failure(400, 'The body must be a JSON object.', 'invalid_json');

  const ask = { type: 'local-api-ask', method: request.method, path, model } as const;
  const page = await findPage(await context.pages(), ask);
  if (page === undefined) {
    const message = 'No page of this site has an engine. Open Sotto in a tab, or create one: Sotto.create().';
    return failure(503, message, 'no_engine');
  }
  return relay(page, body, request.signal, context.waitUntil);
}

/** Starts the page and turns what it sends into a response. */
function relay(
  { port, stop }: AnsweringPage,
  body: string,
  signal: AbortSignal,
  waitUntil: LocalApiContext['waitUntil'],
): Promise<Response> {
  const encoder = new TextEncoder();
  let end: () => void = () => {};
  waitUntil?.(
    new Promise<void>((resolve) => {
      end = resolve;
    }),
  );
  return new Promise((resolve) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isOver = false;
    const finish = () => {
      isOver = true;
      end();
    };
    const abandon = () => {
      if (isOver) return;
      finish();
      stop();
    };
    signal.addEventListener('abort', abandon);
    const stream = new ReadableStream<Uint8Array>({
      start(streamController) {
        controller = streamController;
      },
      cancel: abandon,
    });
    port.onmessage = ({ data }: MessageEvent<LocalApiReply>) => {
      if (isOver) return;
      if (data.type === 'head') {
        const headers = { 'Content-Type': data.contentType, 'Cache-Control': 'no-store' };
        resolve(new Response(stream, { status: data.status, headers }));
      } else if (data.type === 'text') {
        controller?.enqueue(encoder.encode(data.text));
      } else if (data.type === 'end') {
        controller?.close();
        finish();
        port.close();
      }
    };
    port.postMessage({ type: 'start', body } satisfies LocalApiCommand);
  });
}

function pathOf(address: string, scope: string): string {
  const { origin, pathname } = new URL(address);
  const whole = origin + pathname;
  return whole.startsWith(scope) ? whole.slice(scope.length) : '';
}

/** The model that a request names; null where it names none, undefined where it is not an object of JSON. */
function modelOf(body: string): string | null | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return 'model' in value && typeof value.model === 'string' ? value.model : null;
  } catch {
    return undefined;
  }
}

function failure(status: number, message: string, code: string): Response {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  const body: ApiErrorBody = { error: { message, type, param: null, code } };
  return Response.json(body, { status, headers: { 'Cache-Control': 'no-store' } });
}
