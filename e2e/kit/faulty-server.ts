import { createReadStream, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { securityHeaders } from '../../scripts/headers.mjs';
import { parseRange } from '../../scripts/lib/byte-range.mjs';
import { DIST } from '../../scripts/lib/paths.mjs';
import { listen } from '../../scripts/lib/server.mjs';
import { createStaticHandler } from '../../scripts/lib/static-server.mjs';
import { type BodyFault, spoil } from './spoiled-body.ts';

/** What goes wrong with the weights; everything else of the product is served as it should be. */
export type Fault =
  | { readonly kind: 'none' }
  /** A sign-in page with status 200, as the networks of hotels answer. */
  | { readonly kind: 'html' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'redirect'; readonly to: string }
  /** `Range` is ignored: every answer is the whole file. */
  | { readonly kind: 'no-range' }
  | BodyFault;

/** The product on a port of its own, with faults that can be changed while it runs. */
export interface FaultyServer {
  readonly url: string;
  setFault(fault: Fault): void;
  /** `Range` headers (or "whole") of every request for weights. */
  readonly weightRequests: readonly string[];
  /** Bytes of weights handed to the network so far. */
  weightBytes(): number;
  close(): Promise<void>;
}

/** Serves dist/ with the production headers, and the weights (*.gguf) with a fault. */
export async function startFaultyServer(
  initial: Fault = { kind: 'none' },
  { isolated = true }: { readonly isolated?: boolean } = {},
): Promise<FaultyServer> {
  const headers = securityHeaders();
  if (!isolated) {
    // A host that cannot send the headers by which threads may share memory.
    delete headers['Cross-Origin-Opener-Policy'];
    delete headers['Cross-Origin-Embedder-Policy'];
  }
  const serve = createStaticHandler({ directory: DIST, headers });
  const weightRequests: string[] = [];
  let fault = initial;
  let sentBytes = 0;

  const serveWeights = (request: IncomingMessage, response: ServerResponse): void => {
    weightRequests.push(request.headers.range ?? 'whole');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const current = fault;
    switch (current.kind) {
      case 'html':
        response.writeHead(200, { 'Content-Type': 'text/html' });
        response.end('<!doctype html><title>Sign in</title><h1>Welcome to our network</h1>');
        return;
      case 'status':
        response.writeHead(current.status).end();
        return;
      case 'redirect':
        response.writeHead(302, { Location: current.to }).end();
        return;
      case 'drop':
        // One broken connection: afterwards the network is well again, and a resume can be watched.
        fault = { kind: 'none' };
        break;
      default:
        break;
    }
    const file = join(DIST, new URL(request.url ?? '/', 'http://localhost').pathname);
    const { size } = statSync(file);
    const range = current.kind === 'no-range' ? null : parseRange(request.headers.range, size);
    if (range === 'unsatisfiable') return void response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
    const { start, end } = range ?? { start: 0, end: size - 1 };
    response.writeHead(range === null ? 200 : 206, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': end - start + 1,
      ...(current.kind === 'no-range' ? {} : { 'Accept-Ranges': 'bytes', ETag: `"${size}"` }),
      ...(range === null ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
    });
    response.flushHeaders();
    const count = (bytes: number): void => {
      sentBytes += bytes;
    };
    const isOver = () => fault !== current;
    pipeline(
      createReadStream(file, { start, end }),
      spoil(current, { start, size, count, isOver }),
      response,
      () => {},
    );
  };

  const server = await listen((request, response) => {
    if (/\.gguf(\?|$)/.test(request.url ?? '')) serveWeights(request, response);
    else void serve(request, response);
  });
  return {
    url: server.url,
    setFault: (next) => {
      fault = next;
    },
    weightRequests,
    weightBytes: () => sentBytes,
    close: server.close,
  };
}
