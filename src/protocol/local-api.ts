/**
 * How a request to this origin's own `/v1` travels: fetch → service worker → one page that has an engine, and back.
 *
 * The service worker keeps nothing, because the browser ends it whenever it likes: it asks every page of the origin
 * (`LocalApiAsk`, with a port), pages with the library answer with a bid, the best one gets the body.
 */
export interface LocalApiAsk {
  readonly type: 'local-api-ask';
  readonly method: string;
  /** Below the service worker's scope: `v1/chat/completions`. */
  readonly path: string;
  /** The model the request names, or null. */
  readonly model: string | null;
}

/** How well a page can answer: it has the model loaded, it could load it, it could say why not. */
export type LocalApiRank = 'loaded' | 'idle' | 'busy';

/** Page → service worker, over the port of one ask. */
export type LocalApiReply =
  | { readonly type: 'bid'; readonly rank: LocalApiRank }
  | { readonly type: 'head'; readonly status: number; readonly contentType: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'end' };

/** Service worker → page, over the port of one ask. */
export type LocalApiCommand =
  | { readonly type: 'start'; readonly body: string }
  /** Another page answers, or nobody waits any longer. */
  | { readonly type: 'stop' };

/** An error as the OpenAI API writes it. */
export interface ApiErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: 'invalid_request_error' | 'server_error';
    readonly param: string | null;
    readonly code: string | null;
  };
}
