import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelManifest } from '../../protocol/index.ts';
import { type SampleModel, sampleModel, sha256Hex } from '../../storage/weights/testing/sample-model.ts';

/** One request for weights as the server saw it. */
export interface SeenRequest {
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** Bytes of the body that were handed to the connection. */
  sent: number;
}

/** Answers one request for weights; `start` and `end` are the span asked for, `end` not included. */
export type WeightsHandler = (context: {
  readonly response: ServerResponse;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly isRange: boolean;
  readonly seen: SeenRequest;
}) => void;

/** A host of one sample model, honest unless told otherwise. */
export interface ModelServer {
  readonly origin: string;
  readonly catalogueUrl: URL;
  readonly model: SampleModel;
  readonly manifest: ModelManifest;
  /** Requests for weights, in order. */
  readonly seen: SeenRequest[];
  /** Requests for lists. */
  lists: number;
  /** Handlers for the next requests for weights; then `serveRange`. */
  readonly next: WeightsHandler[];
  /** Used for every request when set. */
  always: WeightsHandler | undefined;
  /** Replaces the body of the manifest. */
  manifestBody: string | undefined;
  close(): Promise<void>;
}

/** A server as it should be: ranges, a strong ETag. */
export const serveRange: WeightsHandler = ({ response, bytes, start, end, isRange, seen }) => {
  const body = bytes.subarray(start, end);
  const headers: Record<string, string> = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(body.length),
    ETag: '"edition-1"',
  };
  if (isRange) headers['Content-Range'] = `bytes ${start}-${end - 1}/${bytes.length}`;
  response.writeHead(isRange ? 206 : 200, headers);
  seen.sent += body.length;
  response.end(body);
};

/** A server that has never heard of ranges. */
export const serveWhole: WeightsHandler = ({ response, bytes, seen }) => {
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': String(bytes.length) });
  seen.sent += bytes.length;
  response.end(bytes);
};

/** Promises everything and breaks the connection at an absolute position of the file. */
export const dropAt =
  (position: number): WeightsHandler =>
  ({ response, bytes, start, end, isRange, seen }) => {
    const headers: Record<string, string> = { 'Content-Length': String(end - start), ETag: '"edition-1"' };
    if (isRange) headers['Content-Range'] = `bytes ${start}-${end - 1}/${bytes.length}`;
    response.writeHead(isRange ? 206 : 200, headers);
    const part = bytes.subarray(start, Math.max(start, position));
    seen.sent += part.length;
    response.write(part, () => setTimeout(() => response.destroy(), 20));
  };

/** Answers with a status and a text. */
export const answer =
  (status: number, body: string, headers: Record<string, string> = {}): WeightsHandler =>
  ({ response }) => {
    response.writeHead(status, headers);
    response.end(body);
  };

export const CHUNK_BYTES = 32_768;

/** Starts a server on a free port of this machine. */
export async function startModelServer(size = 10 * CHUNK_BYTES - 1234): Promise<ModelServer> {
  const model = await sampleModel({ id: 'sample', size, chunkBytes: CHUNK_BYTES });
  const manifest = await manifestOf(model);
  const server: ModelServer = {
    origin: '',
    catalogueUrl: new URL('http://127.0.0.1'),
    model,
    manifest,
    seen: [],
    lists: 0,
    next: [],
    always: undefined,
    manifestBody: undefined,
    close: () => Promise.resolve(),
  };
  const http = createServer((request, response) => {
    if (request.url?.endsWith('.json')) {
      server.lists += 1;
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const isCatalogue = request.url.endsWith('catalogue.json');
      response.end(isCatalogue ? CATALOGUE : (server.manifestBody ?? JSON.stringify(manifest)));
      return;
    }
    const range = request.headers.range;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const seen: SeenRequest = {
      range,
      ifRange: request.headers['if-range'] as string | undefined,
      headers: request.headers,
      sent: 0,
    };
    server.seen.push(seen);
    const handler = server.next.shift() ?? server.always ?? serveRange;
    const isRange = first !== undefined;
    handler({
      response,
      bytes: model.bytes,
      start: isRange ? Number(first) : 0,
      end: isRange ? Number(last) + 1 : model.bytes.length,
      isRange,
      seen,
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return Object.assign(server, {
    origin,
    catalogueUrl: new URL(`${origin}/app/models/catalogue.json`),
    close: () =>
      new Promise<void>((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  });
}

const CATALOGUE = JSON.stringify({
  catalogueVersion: 1,
  models: [{ id: 'sample', name: 'Sample', manifest: 'sample/manifest.json' }],
});

async function manifestOf({ plan, bytes }: SampleModel): Promise<ModelManifest> {
  return {
    manifestVersion: 1,
    id: plan.id,
    name: plan.name,
    architecture: 'llama',
    parameters: 1,
    quantisation: 'Q4_1',
    licence: { id: 'Apache-2.0', file: 'LICENSE' },
    source: 'made for tests',
    file: {
      path: 'sample.gguf',
      size: plan.size,
      sha256: await sha256Hex(bytes),
      chunkBytes: plan.chunkBytes,
      chunks: plan.chunks,
    },
    contextLength: 128,
    chatTemplateSha256: '0'.repeat(64),
    memoryBytes: 1,
    defaults: { systemPrompt: '', temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 16 },
  };
}
