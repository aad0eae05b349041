import { createSocket } from 'node:dgram';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What arrived at the canary, by the way it came. */
export type CanaryHits = {
  readonly http: readonly string[];
  readonly webSocket: readonly string[];
  readonly udp: number;
};

/**
 * A foreign server that counts everything that reaches it. Leak tests ask it, not the browser: the browser's own events
 * also report requests that a policy then stopped.
 */
export interface Canary {
  readonly httpUrl: string;
  readonly webSocketUrl: string;
  /** For `RTCPeerConnection`: a STUN packet is a UDP hit. */
  readonly stunUrl: string;
  hits(): CanaryHits;
  /** HTTP, WebSocket and UDP together. */
  total(): number;
  /**
   * Chromium arguments that lead every host name but localhost to the canary, so that a leak to any address is seen.
   */
  readonly catchAllArguments: readonly string[];
  close(): Promise<void>;
}

/** Starts a canary on free ports of 127.0.0.1. It answers everything with a welcome, so that nothing but a policy stops a leak. */
export async function startCanary(): Promise<Canary> {
  const http: string[] = [];
  const webSocket: string[] = [];
  let udp = 0;

  const server = createServer((request, response) => {
    http.push(`${request.method} ${request.headers.host}${request.url}`);
    response.writeHead(200, {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Headers': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'Content-Type': 'text/plain',
    });
    response.end('seen');
  });
  server.on('upgrade', (request, socket) => {
    webSocket.push(`${request.headers.host}${request.url}`);
    socket.destroy();
  });
  const socket = createSocket('udp4');
  socket.on('message', () => {
    udp += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const port = (server.address() as AddressInfo).port;

  return {
    httpUrl: `http://127.0.0.1:${port}/`,
    webSocketUrl: `ws://127.0.0.1:${port}/`,
    stunUrl: `stun:127.0.0.1:${socket.address().port}`,
    catchAllArguments: [
      `--host-resolver-rules=MAP * 127.0.0.1:${port}, EXCLUDE localhost, EXCLUDE 127.0.0.1`,
      // The browser looks for updates of its own parts, whatever page is open; that is not the page's doing.
      '--component-updater=url-source=https://localhost:9/',
    ],
    hits: () => ({ http: [...http], webSocket: [...webSocket], udp }),
    total: () => http.length + webSocket.length + udp,
    close: async () => {
      server.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => server.close(resolve)),
        new Promise<void>((resolve) => socket.close(() => resolve())),
      ]);
    },
  };
}
