import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAllowedFetch } from './allowed-fetch.ts';

let origin = '';
let hits = 0;
const server = createServer((_, response) => {
  hits += 1;
  response.end('here');
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const options = { signal: new AbortController().signal, isBulk: false };

describe('the one way out', () => {
  it('reaches an allowed host', async () => {
    const response = await createAllowedFetch([origin])(new URL('/x', origin), options);
    expect(await response.text()).toBe('here');
  });

  it.each([
    ['another host', () => 'https://example.org/x'],
    ['another port', () => origin.replace(/\d+$/, '1')],
    ['another scheme', () => origin.replace('http:', 'https:')],
    ['a name and password in the address', () => origin.replace('//', '//name:password@')],
    ['a data address', () => 'data:text/plain,x'],
    ['a blob address', () => `blob:${origin}/1`.replace(origin, 'https://example.org')],
  ])('refuses %s without a request', async (_what, address) => {
    hits = 0;
    const attempt = createAllowedFetch([origin])(new URL(address()), options);
    await expect(attempt).rejects.toMatchObject({ code: 'download-refused' });
    expect(hits).toBe(0);
  });

  it('codes a host that does not answer', async () => {
    const nobody = 'http://127.0.0.1:1';
    await expect(createAllowedFetch([nobody])(new URL(nobody), options)).rejects.toMatchObject({
      code: 'download-failed',
    });
  });

  it('does not even start for a signal that has fired', async () => {
    const attempt = createAllowedFetch([origin])(new URL(origin), { signal: AbortSignal.abort(), isBulk: true });
    await expect(attempt).rejects.toMatchObject({ name: 'AbortError' });
  });
});
