import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Failure } from './failure.mjs';
import { listen, type RunningServer } from './server.mjs';
import { createStaticHandler } from './static-server.mjs';

let folder = '';
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-server-'));
  mkdirSync(join(folder, 'site/assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'site/.hidden'), 'hidden');
  writeFileSync(join(folder, 'site/index.html'), '<p>home');
  writeFileSync(join(folder, 'site/weights.gguf'), Buffer.from(Array.from({ length: 256 }, (_, index) => index)));
  writeFileSync(join(folder, 'site/assets/engine-1a2b3c4d.wasm'), '\0asm');
  writeFileSync(join(folder, 'site/app.webmanifest'), '{}');
  const headers = { 'X-Wall': 'up' };
  server = await listen(
    createStaticHandler({ directory: join(folder, 'site'), headers, pages: { '/extra.html': '<p>extra' } }),
  );
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** `fetch` tidies addresses before it sends them; an attacker does not. */
function rawStatus(path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: server.port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

const get = (path: string, init?: RequestInit) => fetch(new URL(path, server.url), init);

test('answers on 127.0.0.1 and on localhost', async () => {
  expect((await fetch(`http://127.0.0.1:${server.port}/`)).status).toBe(200);
  expect(await (await get('/')).text()).toBe('<p>home');
  expect(await (await get('/extra.html')).text()).toBe('<p>extra');
});

test.each(['/', '/gone.js', '/assets/engine-1a2b3c4d.wasm', '/%'])('sends every header with %s', async (path) => {
  expect((await get(path)).headers.get('x-wall')).toBe('up');
});

test.each([
  ['/weights.gguf', 'application/octet-stream'],
  ['/assets/engine-1a2b3c4d.wasm', 'application/wasm'],
  ['/app.webmanifest', 'application/manifest+json; charset=utf-8'],
])('%s is %s', async (path, type) => {
  const response = await get(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(type);
});

test('hidden files and files above the directory are not there', async () => {
  for (const path of [
    '/.hidden',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..\\secret.txt',
  ]) {
    expect([400, 404]).toContain(await rawStatus(path));
  }
});

test('serves ranges, and the whole file when it changed in between', async () => {
  const part = await get('/weights.gguf', { headers: { Range: 'bytes=250-' } });
  expect(part.status).toBe(206);
  expect(part.headers.get('content-range')).toBe('bytes 250-255/256');
  expect([...new Uint8Array(await part.arrayBuffer())]).toEqual([250, 251, 252, 253, 254, 255]);

  const tag = part.headers.get('etag') ?? '';
  expect((await get('/weights.gguf', { headers: { Range: 'bytes=0-0', 'If-Range': tag } })).status).toBe(206);
  expect((await get('/weights.gguf', { headers: { Range: 'bytes=0-0', 'If-Range': '"old"' } })).status).toBe(200);
  expect((await get('/weights.gguf', { headers: { Range: 'bytes=256-' } })).status).toBe(416);
  expect((await get('/weights.gguf', { headers: { 'If-None-Match': tag } })).status).toBe(304);
});

test('HEAD tells the length and sends nothing; other methods are refused', async () => {
  const head = await get('/weights.gguf', { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBe('256');
  expect(await head.text()).toBe('');
  expect((await get('/', { method: 'POST' })).status).toBe(405);
});

test('a port in use is a sentence that names another port', async () => {
  const second = listen(() => {}, { port: server.port });
  await expect(second).rejects.toBeInstanceOf(Failure);
  await expect(second).rejects.toThrow(`--port ${server.port + 1}`);
});
