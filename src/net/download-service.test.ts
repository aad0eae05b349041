import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DownloadEvent, Envelope } from '../protocol/index.ts';
import { SottoError, systemClock } from '../shared/index.ts';
import { createMemoryWeightStore, openStoredModel, type WeightStore } from '../storage/index.ts';
import { createDownloadService, type DownloadServiceOptions } from './download-service.ts';
import { createLocalExclusive } from './exclusive.ts';
import {
  answer,
  CHUNK_BYTES,
  dropAt,
  type ModelServer,
  serveRange,
  serveWhole,
  startModelServer,
} from './testing/model-server.ts';

let server: ModelServer;
let store: WeightStore;
let events: DownloadEvent[];

beforeEach(async () => {
  server = await startModelServer();
  store = createMemoryWeightStore();
  events = [];
});
afterEach(() => server.close());

const QUICK: Partial<DownloadServiceOptions> = {
  retry: { attempts: 3, firstWaitMs: 5, longestWaitMs: 10 },
  stall: { windowMs: 150, leastBytes: 1024 },
  exclusive: createLocalExclusive(),
};
const service = (options: Partial<DownloadServiceOptions> = {}) =>
  createDownloadService({
    catalogueUrl: server.catalogueUrl,
    openStore: () => Promise.resolve(store),
    ...QUICK,
    ...options,
  });
const onEvent = (event: DownloadEvent) => void events.push(event);
const download = (options?: Partial<DownloadServiceOptions>) => service(options).download('call', 'sample', onEvent);

function failure<T>(envelope: Envelope<T>): unknown {
  expect(envelope.ok).toBe(false);
  return envelope.ok ? undefined : envelope.error;
}
async function storedFlags(): Promise<readonly boolean[]> {
  return (await store.record('sample'))?.stored ?? [];
}
async function expectWhole(): Promise<void> {
  const source = await openStoredModel(store, 'sample');
  expect(Buffer.from(await source.read(0, source.size)).equals(Buffer.from(server.model.bytes))).toBe(true);
}
const COMPLETE = { ok: true, value: { id: 'sample', complete: true, medium: 'memory' } };
const totalSent = () => server.seen.reduce((sum, { sent }) => sum + sent, 0);

describe('a download', () => {
  it('fetches, verifies and stores the model in one request, with nothing of the person in it', async () => {
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
    expect(server.seen).toHaveLength(1);
    const { headers } = server.seen[0]!;
    expect(headers.cookie ?? headers.referer ?? headers.authorization).toBeUndefined();
    const total = server.model.bytes.length;
    expect(events.at(0)).toEqual({ type: 'download-progress', loadedBytes: 0, totalBytes: total });
    expect(events.at(-1)).toEqual({ type: 'download-progress', loadedBytes: total, totalBytes: total });
  });

  it('asks for no weights when all are there', async () => {
    await download();
    expect(await download()).toMatchObject(COMPLETE);
    expect(server.seen).toHaveLength(1);
  });

  it('reports at most ten times a second', async () => {
    let now = 0;
    const clock = { ...systemClock, now: () => now++ };
    await download({ clock });
    const progress = events.filter(({ type }) => type === 'download-progress');
    expect(progress.length).toBeLessThanOrEqual(2 + now / 100);
  });

  it('resumes where the connection broke at 37 %, and fetches nothing twice beyond one piece', async () => {
    const size = server.model.bytes.length;
    server.next.push(dropAt(Math.floor(size * 0.37)));
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
    expect(server.seen.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      [undefined, undefined],
      [`bytes=${3 * CHUNK_BYTES}-${size - 1}`, '"edition-1"'],
    ]);
    expect(totalSent()).toBeLessThanOrEqual(size + CHUNK_BYTES);
    expect(events).toContainEqual(expect.objectContaining({ type: 'download-retry', attempt: 1 }));
  });

  it('gives up after the last attempt, keeps what came, and resumes in a later session', async () => {
    server.always = dropAt(4 * CHUNK_BYTES + 100);
    expect(failure(await download())).toMatchObject({ code: 'download-failed' });
    expect((await storedFlags()).filter(Boolean)).toHaveLength(4);
    server.always = undefined;
    expect(await download()).toMatchObject(COMPLETE);
    expect(server.seen.at(-1)?.range).toBe(`bytes=${4 * CHUNK_BYTES}-${server.model.bytes.length - 1}`);
    await expectWhole();
  });

  it('restarts the file where the server knows no ranges', async () => {
    server.next.push(dropAt(5 * CHUNK_BYTES), serveWhole);
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
    expect(server.seen).toHaveLength(2);
  });

  it('takes the whole file where If-Range finds another edition', async () => {
    server.next.push(dropAt(2 * CHUNK_BYTES), ({ response, bytes }) => {
      response.writeHead(200, { ETag: '"edition-2"', 'Content-Length': String(bytes.length) }).end(bytes);
    });
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
  });

  it('counts decoded bytes where the server compresses', async () => {
    server.always = ({ response, bytes }) => {
      const body = gzipSync(bytes);
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': String(body.length) });
      response.end(body);
    };
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
    expect(events.at(-1)).toMatchObject({ loadedBytes: server.model.bytes.length });
  });

  it('does without ranges where a server compresses them', async () => {
    server.next.push(dropAt(CHUNK_BYTES), ({ response, bytes, start, end }) => {
      const body = gzipSync(bytes).subarray(start, end);
      response.writeHead(206, {
        'Content-Encoding': 'gzip',
        'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}`,
      });
      response.end(body);
    });
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
    expect(server.seen.at(-1)?.range).toBeUndefined();
  });

  it('goes on where a server cuts ranges short', async () => {
    server.next.push(dropAt(CHUNK_BYTES));
    server.always = (context) =>
      serveRange({ ...context, end: Math.min(context.end, context.start + 2 * CHUNK_BYTES + 9) });
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
  });

  it('ends where a server never sends a whole piece', async () => {
    server.next.push(dropAt(CHUNK_BYTES));
    server.always = (context) => serveRange({ ...context, end: context.start + 100 });
    expect(failure(await download())).toMatchObject({ code: 'download-failed' });
    expect(server.seen.length).toBeLessThan(6);
  });
});

describe('what is not the file is refused before anything is stored:', () => {
  const html = '<!doctype html><title>Sign in</title>';
  it.each([
    ['an HTML page with status 200', answer(200, html, { 'Content-Type': 'text/html; charset=utf-8' })],
    [
      'an HTML page that calls itself something else',
      answer(200, html, { 'Content-Type': 'application/octet-stream' }),
    ],
    ['an HTML page without a length', answer(200, html.repeat(9000), { 'Transfer-Encoding': 'chunked' })],
    ['a file of another size', answer(200, 'GGUF', { 'Content-Length': '4' })],
    ['an empty answer', answer(200, '', { 'Content-Length': '0' })],
  ])('%s', async (_what, handler) => {
    server.always = handler;
    expect(failure(await download())).toMatchObject({ code: 'download-not-the-file' });
    expect(await storedFlags()).not.toContain(true);
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['an HTML page in place of a range', answer(200, html, { 'Content-Type': 'text/html' })],
    ['a range of a file of another size', answer(206, 'x', { 'Content-Range': 'bytes 32768-32768/99' })],
    [
      'a range that was not asked for',
      answer(206, 'x', { 'Content-Range': `bytes 99999-99999/${10 * CHUNK_BYTES - 1234}` }),
    ],
    ['a file that is too short for the range', answer(416, '')],
  ])('%s', async (_what, handler) => {
    server.next.push(dropAt(CHUNK_BYTES));
    server.always = handler;
    expect(failure(await download())).toMatchObject({ code: 'download-not-the-file' });
    expect((await storedFlags()).filter(Boolean)).toHaveLength(1);
  });
});

describe('a failing server', () => {
  it('that says 404 is asked once', async () => {
    server.always = answer(404, 'nothing here');
    expect(failure(await download())).toMatchObject({ code: 'download-failed', details: { status: 404 } });
    expect(server.seen).toHaveLength(1);
  });

  it('that says 503 is asked again', async () => {
    server.next.push(answer(503, 'busy'), answer(429, 'slower'));
    expect(await download()).toMatchObject(COMPLETE);
    expect(server.seen).toHaveLength(3);
  });

  it.each([
    [
      'stops sending',
      ({ response, bytes }: Parameters<typeof serveRange>[0]) => {
        response.writeHead(200, { 'Content-Length': String(bytes.length) });
        response.write(bytes.subarray(0, CHUNK_BYTES + 10));
      },
    ],
    ['never answers', () => {}],
    [
      'drips',
      ({ response, bytes }: Parameters<typeof serveRange>[0]) => {
        response.writeHead(200, { 'Content-Length': String(bytes.length) });
        let at = 0;
        const timer = setInterval(() => response.write(bytes.subarray(at, ++at)), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
  ] as const)('that %s is left after the stall limit', async (_what, handler) => {
    server.always = handler;
    expect(failure(await download({ stall: { windowMs: 60, leastBytes: 1024 } }))).toMatchObject({
      code: 'download-stalled',
    });
    server.always = undefined;
    expect(await download()).toMatchObject(COMPLETE);
  });

  it('that sends one wrong piece is asked for that piece again', async () => {
    server.next.push((context) => {
      const bytes = context.bytes.slice();
      bytes[3 * CHUNK_BYTES + 5] = bytes[3 * CHUNK_BYTES + 5]! ^ 1;
      serveRange({ ...context, bytes });
    });
    expect(await download()).toMatchObject(COMPLETE);
    await expectWhole();
    expect(server.seen[1]?.range).toMatch(`bytes=${3 * CHUNK_BYTES}-`);
  });

  it('that sends the same wrong piece twice is not believed; what was right is kept', async () => {
    server.always = (context) => {
      const bytes = context.bytes.slice();
      bytes[3 * CHUNK_BYTES + 5] = bytes[3 * CHUNK_BYTES + 5]! ^ 1;
      serveRange({ ...context, bytes });
    };
    expect(failure(await download())).toMatchObject({
      code: 'hash-mismatch',
      details: { modelId: 'sample', chunk: 3 },
    });
    expect(server.seen).toHaveLength(2);
    expect((await storedFlags()).slice(0, 4)).toEqual([true, true, true, false]);
  });

  it('that redirects to another host is not followed', async () => {
    const other = await startModelServer();
    server.always = answer(302, '', { Location: `${other.origin}/app/models/sample/sample.gguf` });
    expect(failure(await download())).toMatchObject({ code: 'download-refused' });
    expect(other.seen).toHaveLength(0);
    expect(server.seen).toHaveLength(1);
    await other.close();
  });
});

describe('the store', () => {
  it('full at a piece: the earlier ones stay, and the download resumes', async () => {
    let room = 5;
    const limited: WeightStore = Object.create(store, {
      medium: { value: 'memory' },
      putChunk: {
        value: async (modelId: string, chunk: number, bytes: Uint8Array) => {
          if (room-- <= 0) throw new SottoError('storage-full', 'full', { details: { neededBytes: 9 } });
          return store.putChunk(modelId, chunk, bytes);
        },
      },
      ...Object.fromEntries(
        (['prepare', 'record', 'readChunk', 'list', 'remove', 'dropChunks'] as const).map((name) => [
          name,
          { value: (store[name] as (...values: unknown[]) => unknown).bind(store) },
        ]),
      ),
    });
    const openStore = () => Promise.resolve(limited);
    expect(failure(await download({ openStore }))).toMatchObject({ code: 'storage-full', details: { neededBytes: 9 } });
    expect((await storedFlags()).filter(Boolean)).toHaveLength(5);
    expect(server.seen).toHaveLength(1);
    room = 99;
    expect(await download({ openStore })).toMatchObject(COMPLETE);
    expect(server.seen.at(-1)?.range).toMatch(`bytes=${5 * CHUNK_BYTES}-`);
  });

  it('with a changed piece: repair fetches that piece and no other', async () => {
    await download();
    const readChunk = store.readChunk.bind(store);
    let isBroken = true;
    store.readChunk = (plan, chunk) =>
      chunk === 6 && isBroken
        ? Promise.reject(new SottoError('chunk-corrupt', 'changed', { details: { modelId: 'sample', chunk } }))
        : readChunk(plan, chunk);
    const putChunk = store.putChunk.bind(store);
    store.putChunk = (modelId, chunk, bytes) => {
      if (chunk === 6) isBroken = false;
      return putChunk(modelId, chunk, bytes);
    };
    expect(await service().repair('call', 'sample', onEvent)).toMatchObject(COMPLETE);
    expect(server.seen.map(({ range }) => range)).toEqual([
      undefined,
      `bytes=${6 * CHUNK_BYTES}-${7 * CHUNK_BYTES - 1}`,
    ]);
    expect(server.seen[1]?.sent).toBe(CHUNK_BYTES);
    await expectWhole();
  });

  it('with nothing wrong: repair fetches nothing', async () => {
    await download();
    expect(await service().repair('call', 'sample', onEvent)).toMatchObject(COMPLETE);
    expect(server.seen).toHaveLength(1);
  });

  it('emptied meanwhile: the download stops and brings nothing back', async () => {
    const putChunk = store.putChunk.bind(store);
    store.putChunk = async (modelId, chunk, bytes) => {
      if (chunk === 4) await store.remove('sample');
      return putChunk(modelId, chunk, bytes);
    };
    expect(failure(await download())).toMatchObject({ kind: 'abort' });
    expect(await store.list()).toEqual([]);
  });
});

describe('two downloads at once', () => {
  it('share one transfer, and both see progress and the end', async () => {
    server.always = (context) => void setTimeout(() => serveRange(context), 700);
    const exclusive = createLocalExclusive();
    const seenByOther: DownloadEvent[] = [];
    const [first, second] = await Promise.all([
      download({ exclusive, stall: { windowMs: 5000, leastBytes: 1 } }),
      service({ exclusive }).download('other', 'sample', (event) => void seenByOther.push(event)),
    ]);
    expect(first).toMatchObject(COMPLETE);
    expect(second).toMatchObject(COMPLETE);
    expect(server.seen).toHaveLength(1);
    expect(seenByOther.length).toBeGreaterThanOrEqual(2);
  });

  it('the one that waits can be stopped alone', async () => {
    server.always = (context) => void setTimeout(() => serveRange(context), 100);
    const exclusive = createLocalExclusive();
    const waiting = service({ exclusive });
    const first = download({ exclusive, stall: { windowMs: 5000, leastBytes: 1 } });
    const second = waiting.download('other', 'sample', () => {});
    setTimeout(() => waiting.abort('other'), 20);
    expect(failure(await second)).toMatchObject({ kind: 'abort' });
    expect(await first).toMatchObject(COMPLETE);
    expect(await waiting.download('third', 'sample', () => {})).toMatchObject(COMPLETE);
    expect(server.seen).toHaveLength(1);
  });
});

describe('an abort', () => {
  it('stops the transfer, keeps what is stored, and the next download fetches only the rest', async () => {
    const running = service();
    const size = server.model.bytes.length;
    server.next.push(({ response, bytes, seen }) => {
      response.writeHead(200, { 'Content-Length': String(size) });
      seen.sent = 4 * CHUNK_BYTES + 500;
      response.write(bytes.subarray(0, seen.sent));
      response.on('close', () => closed());
    });
    let closed = () => {};
    const connectionClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const result = running.download('call', 'sample', (event) => {
      if (event.type === 'download-progress' && event.loadedBytes > 0) setTimeout(() => running.abort('call'), 60);
    });
    setTimeout(() => running.abort('call'), 120);
    expect(failure(await result)).toMatchObject({ kind: 'abort' });
    await connectionClosed;
    expect((await storedFlags()).filter(Boolean)).toHaveLength(4);
    expect(await running.download('again', 'sample', onEvent)).toMatchObject(COMPLETE);
    expect(totalSent()).toBeLessThanOrEqual(size + CHUNK_BYTES);
    await expectWhole();
  });

  it('during the pause before a retry ends the pause', async () => {
    server.always = answer(503, 'busy');
    const running = service({ retry: { attempts: 5, firstWaitMs: 600_000, longestWaitMs: 600_000 } });
    const result = running.download('call', 'sample', (event) => {
      if (event.type === 'download-retry') running.abort('call');
    });
    expect(failure(await result)).toMatchObject({ kind: 'abort' });
  });

  it('of an unknown call is ignored', () => {
    expect(() => service().abort('nobody')).not.toThrow();
  });
});

describe('the lists', () => {
  it('name the models of the site', async () => {
    expect(await service().catalogue()).toEqual({
      ok: true,
      value: [{ id: 'sample', name: 'Sample', manifest: 'sample/manifest.json' }],
    });
    expect(await service().manifest('sample')).toEqual({ ok: true, value: server.manifest });
    expect(failure(await service().manifest('nobody'))).toMatchObject({ code: 'model-unknown' });
  });

  it('come from the store where the site cannot be reached', async () => {
    await download();
    await server.close();
    const offline = service();
    expect(await offline.catalogue()).toMatchObject({ ok: true, value: [{ id: 'sample' }] });
    expect(await offline.manifest('sample')).toEqual({ ok: true, value: server.manifest });
    expect(await offline.download('call', 'sample', onEvent)).toMatchObject(COMPLETE);
    server = await startModelServer();
  });

  it('come from the store where the site answers with a sign-in page', async () => {
    await download();
    server.manifestBody = '<!doctype html><title>Sign in</title>';
    expect(await service().manifest('sample')).toEqual({ ok: true, value: server.manifest });
    expect(await download()).toMatchObject(COMPLETE);
  });

  it('are an error where nothing is stored', async () => {
    server.manifestBody = '<!doctype html>';
    expect(failure(await download())).toMatchObject({ code: 'download-not-the-file' });
    await server.close();
    expect(failure(await service().catalogue())).toMatchObject({ code: 'download-failed' });
    expect(failure(await service().manifest('sample'))).toMatchObject({ code: 'download-failed' });
    server = await startModelServer();
  });

  it('say that a half-stored model needs its site', async () => {
    server.always = dropAt(4 * CHUNK_BYTES);
    await download();
    await server.close();
    expect(failure(await download())).toMatchObject({ code: 'download-failed' });
    server = await startModelServer();
  });

  it('are not read from a manifest that leads to another host', async () => {
    const file = { ...server.manifest.file, path: 'https://example.org/x.gguf' };
    server.manifestBody = JSON.stringify({ ...server.manifest, file });
    expect(failure(await download())).toMatchObject({ code: 'download-not-the-file' });
  });
});

describe('stored models', () => {
  it('are listed, given as a Blob, and removed', async () => {
    const all = service();
    expect(failure(await all.blob('sample'))).toMatchObject({ code: 'model-unknown' });
    await download();
    expect(await all.list()).toMatchObject({
      ok: true,
      value: [{ id: 'sample', complete: true, size: server.model.bytes.length }],
    });
    const blob = await all.blob('sample');
    expect(blob.ok && Buffer.from(await blob.value.arrayBuffer()).equals(Buffer.from(server.model.bytes))).toBe(true);
    expect(await all.remove('sample')).toEqual({ ok: true, value: null });
    expect(await all.list()).toEqual({ ok: true, value: [] });
  });

  it('are removed even while they are being fetched', async () => {
    server.always = ({ response, bytes }) => {
      response.writeHead(200, { 'Content-Length': String(bytes.length) });
      response.write(bytes.subarray(0, 3 * CHUNK_BYTES));
    };
    const all = service({ stall: { windowMs: 5000, leastBytes: 1 } });
    const running = all.download('call', 'sample', onEvent);
    await systemClock.sleep(60);
    expect(await all.remove('sample')).toEqual({ ok: true, value: null });
    expect(failure(await running)).toMatchObject({ kind: 'abort' });
    expect(await store.list()).toEqual([]);
  });

  it('survive a store that fails to open once', async () => {
    let attempts = 0;
    const openStore = () =>
      ++attempts === 1 ? Promise.reject(new SottoError('storage-failed', 'busy')) : Promise.resolve(store);
    const all = service({ openStore });
    expect(failure(await all.list())).toMatchObject({ code: 'storage-failed' });
    expect(await all.list()).toEqual({ ok: true, value: [] });
  });
});
