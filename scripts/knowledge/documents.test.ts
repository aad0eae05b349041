import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentsOfFolder, documentsOfSitemap } from './documents.mjs';

const folder = mkdtempSync(join(tmpdir(), 'sotto-knowledge-'));
const server = createServer((request, response) => {
  const { port } = server.address() as AddressInfo;
  const pages: Record<string, [status: number, type: string, body: string]> = {
    '/sitemap.xml': [
      200,
      'text/xml',
      `<urlset><url><loc>http://127.0.0.1:${port}/leave?a=1&amp;b=2</loc></url><url><loc> http://127.0.0.1:${port}/gone </loc></url>
       <url><loc>http://elsewhere.example/x</loc></url><url><loc>http://127.0.0.1:${port}/away</loc></url></urlset>`,
    ],
    '/leave?a=1&b=2': [200, 'text/html; charset=utf-8', '<h1>Leave</h1><p>Thirty days.'],
    '/away': [302, 'text/plain', ''],
  };
  const [status, type, body] = pages[request.url ?? ''] ?? [404, 'text/plain', 'no'];
  response.writeHead(status, {
    'content-type': type,
    ...(status === 302 ? { location: 'http://elsewhere.example/' } : {}),
  });
  response.end(body);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  rmSync(folder, { recursive: true });
  server.close();
});

it('takes what can be read of a folder, with the address of each file', () => {
  mkdirSync(join(folder, 'a b'));
  mkdirSync(join(folder, '.git'));
  for (const path of ['a b/Über uns.md', 'leave.html', 'logo.png', '.git/notes.txt'])
    writeFileSync(join(folder, path), 'x');
  const documents = documentsOfFolder(folder, 'https://intranet.example/handbook/');
  expect(documents.map(({ id, fileName, url }) => ({ id, fileName, url }))).toEqual([
    {
      id: 'a b/Über uns.md',
      fileName: 'Über uns.md',
      url: 'https://intranet.example/handbook/a%20b/%C3%9Cber%20uns.md',
    },
    { id: 'leave.html', fileName: 'leave.html', url: 'https://intranet.example/handbook/leave.html' },
  ]);
  expect(documentsOfFolder(folder, undefined)[0]?.url).toBeNull();
});

it('takes the pages of a sitemap that are on its own site, and says what it passed over', async () => {
  const { port } = server.address() as AddressInfo;
  const news: string[] = [];
  const documents = await documentsOfSitemap(`http://127.0.0.1:${port}/sitemap.xml`, (text) => news.push(text));
  expect(documents.map(({ id, fileName, bytes }) => [id, fileName, bytes.toString()])).toEqual([
    ['/leave', 'leave.html', '<h1>Leave</h1><p>Thirty days.'],
  ]);
  expect(news.map((text) => text.split(' ').slice(2).join(' '))).toEqual([
    `http://127.0.0.1:${port}/gone answered 404`,
    `http://elsewhere.example/x is not on http://127.0.0.1:${port}`,
    `http://127.0.0.1:${port}/away answered nothing`,
  ]);
  await expect(documentsOfSitemap(`http://127.0.0.1:${port}/none.xml`, () => {})).rejects.toThrow(/answered 404/);
});
