import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is at a path; changed by tests while the server runs. */
export interface ServedFile {
  bytes: Uint8Array;
  etag?: string;
  /** False: the server has never heard of ranges. */
  hasRanges?: boolean;
  status?: number;
  type?: string;
  /** Breaks the connection after so many bytes, as often as it says. */
  breaks?: { after: number; times: number };
  /** Milliseconds before the body. */
  delayMs?: number;
}

export interface FileServer {
  readonly origin: string;
  readonly files: Map<string, ServedFile>;
  /** Requests in order: path, range, bytes of the body handed out. */
  readonly seen: { readonly path: string; readonly range: string | undefined; sent: number }[];
  /** Most requests that were open at the same time. */
  mostOpen: number;
  close(): Promise<void>;
}

/** A server of any files, as honest as they say. */
export async function startFileServer(): Promise<FileServer> {
  const files = new Map<string, ServedFile>();
  let open = 0;
  const server: FileServer = { origin: '', files, seen: [], mostOpen: 0, close: () => Promise.resolve() };
  const http = createServer((request, response) => {
    const path = request.url ?? '';
    const file = files.get(path);
    const seen = { path, range: request.headers.range, sent: 0 };
    server.seen.push(seen);
    open += 1;
    server.mostOpen = Math.max(server.mostOpen, open);
    response.on('close', () => {
      open -= 1;
    });
    if (file === undefined) return void response.writeHead(404).end('nothing here');
    if (file.status !== undefined) return void response.writeHead(file.status).end('no');
    const { bytes, etag, hasRanges = true } = file;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const isCurrent = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    const isPart = hasRanges && first !== undefined && isCurrent;
    const start = isPart ? Number(first) : 0;
    const end = isPart ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
    const body = bytes.subarray(start, end);
    const send = () => {
      response.writeHead(isPart ? 206 : 200, {
        'Content-Type': file.type ?? 'application/octet-stream',
        'Content-Length': String(body.length),
        ...(etag === undefined ? {} : { ETag: etag }),
        ...(isPart ? { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` } : {}),
      });
      const { breaks } = file;
      if (breaks !== undefined && breaks.times > 0 && body.length > breaks.after) {
        breaks.times -= 1;
        seen.sent = breaks.after;
        response.write(body.subarray(0, breaks.after), () => setTimeout(() => response.destroy(), 20));
      } else {
        seen.sent = body.length;
        response.end(body);
      }
    };
    if (file.delayMs === undefined) send();
    else setTimeout(send, file.delayMs);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  });
}
