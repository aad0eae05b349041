import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { DownloadEvent } from '../protocol/index.ts';
import { SottoError, systemClock } from '../shared/index.ts';
import { createLocalExclusive } from './exclusive.ts';
import { COMPLETE, failure, useDownloadHarness } from './testing/download-harness.ts';
import { answer, CHUNK_BYTES, dropAt, serveRange, serveWhole, startModelServer } from './testing/model-server.ts';

const kit = useDownloadHarness();

describe('a download', () => {
  it('fetches, verifies and stores the model in one request, with nothing of the person in it', async () => {
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
    expect(kit.server.seen).toHaveLength(1);
    const { headers } = kit.server.seen[0]!;
    expect(headers.cookie ?? headers.referer ?? headers.authorization).toBeUndefined();
    const total = kit.server.model.bytes.length;
    expect(kit.events.at(0)).toEqual({ type: 'download-progress', loadedBytes: 0, totalBytes: total });
    expect(kit.events.at(-1)).toEqual({ type: 'download-progress', loadedBytes: total, totalBytes: total });
  });

  it('asks for no weights when all are there', async () => {
    await kit.download();
    expect(await kit.download()).toMatchObject(COMPLETE);
    expect(kit.server.seen).toHaveLength(1);
  });

  it('reports at most ten times a second', async () => {
    let now = 0;
    const clock = { ...systemClock, now: () => now++ };
    await kit.download({ clock });
    const progress = kit.events.filter(({ type }) => type === 'download-progress');
    expect(progress.length).toBeLessThanOrEqual(2 + now / 100);
  });

  it('resumes where the connection broke at 37 %, and fetches nothing twice beyond one piece', async () => {
    const size = kit.server.model.bytes.length;
    kit.server.next.push(dropAt(Math.floor(size * 0.37)));
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
    expect(kit.server.seen.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      [undefined, undefined],
      [`bytes=${3 * CHUNK_BYTES}-${size - 1}`, '"edition-1"'],
    ]);
    expect(kit.totalSent()).toBeLessThanOrEqual(size + CHUNK_BYTES);
    expect(kit.events).toContainEqual(expect.objectContaining({ type: 'download-retry', attempt: 1 }));
  });

  it('gives up after the last attempt, keeps what came, and resumes in a later session', async () => {
    kit.server.always = dropAt(4 * CHUNK_BYTES + 100);
    expect(failure(await kit.download())).toMatchObject({ code: 'download-failed' });
    expect((await kit.storedFlags()).filter(Boolean)).toHaveLength(4);
    kit.server.always = undefined;
    expect(await kit.download()).toMatchObject(COMPLETE);
    expect(kit.server.seen.at(-1)?.range).toBe(`bytes=${4 * CHUNK_BYTES}-${kit.server.model.bytes.length - 1}`);
    await kit.expectWhole();
  });

  it('restarts the file where the kit.server knows no ranges', async () => {
    kit.server.next.push(dropAt(5 * CHUNK_BYTES), serveWhole);
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
    expect(kit.server.seen).toHaveLength(2);
  });

  it('takes the whole file where If-Range finds another edition', async () => {
    kit.server.next.push(dropAt(2 * CHUNK_BYTES), ({ response, bytes }) => {
      response.writeHead(200, { ETag: '"edition-2"', 'Content-Length': String(bytes.length) }).end(bytes);
    });
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
  });

  it('counts decoded bytes where the kit.server compresses', async () => {
    kit.server.always = ({ response, bytes }) => {
      const body = gzipSync(bytes);
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': String(body.length) });
      response.end(body);
    };
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
    expect(kit.events.at(-1)).toMatchObject({ loadedBytes: kit.server.model.bytes.length });
  });

  it('does without ranges where a kit.server compresses them', async () => {
    kit.server.next.push(dropAt(CHUNK_BYTES), ({ response, bytes, start, end }) => {
      const body = gzipSync(bytes).subarray(start, end);
      response.writeHead(206, {
        'Content-Encoding': 'gzip',
        'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}`,
      });
      response.end(body);
    });
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
    expect(kit.server.seen.at(-1)?.range).toBeUndefined();
  });

  it('goes on where a kit.server cuts ranges short', async () => {
    kit.server.next.push(dropAt(CHUNK_BYTES));
    kit.server.always = (context) =>
      serveRange({ ...context, end: Math.min(context.end, context.start + 2 * CHUNK_BYTES + 9) });
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
  });

  it('ends where a kit.server never sends a whole piece', async () => {
    kit.server.next.push(dropAt(CHUNK_BYTES));
    kit.server.always = (context) => serveRange({ ...context, end: context.start + 100 });
    expect(failure(await kit.download())).toMatchObject({ code: 'download-failed' });
    expect(kit.server.seen.length).toBeLessThan(6);
  });
});

describe('two downloads at once', () => {
  it('share one transfer, and both see progress and the end', async () => {
    kit.server.always = (context) => void setTimeout(() => serveRange(context), 700);
    const exclusive = createLocalExclusive();
    const seenByOther: DownloadEvent[] = [];
    const [first, second] = await Promise.all([
      kit.download({ exclusive }),
      kit.service({ exclusive }).download('other', 'sample', (event) => void seenByOther.push(event)),
    ]);
    expect(first).toMatchObject(COMPLETE);
    expect(second).toMatchObject(COMPLETE);
    expect(kit.server.seen).toHaveLength(1);
    expect(seenByOther.length).toBeGreaterThanOrEqual(2);
  });

  it('the one that waits can be stopped alone', async () => {
    kit.server.always = (context) => void setTimeout(() => serveRange(context), 100);
    const exclusive = createLocalExclusive();
    const waiting = kit.service({ exclusive });
    const first = kit.download({ exclusive });
    const second = waiting.download('other', 'sample', () => {});
    setTimeout(() => waiting.abort('other'), 20);
    expect(failure(await second)).toMatchObject({ kind: 'abort' });
    expect(await first).toMatchObject(COMPLETE);
    expect(await waiting.download('third', 'sample', () => {})).toMatchObject(COMPLETE);
    expect(kit.server.seen).toHaveLength(1);
  });
});

describe('a download that waits for another tab', () => {
  it('goes ahead by itself where the other makes no progress', async () => {
    const exclusive = createLocalExclusive();
    let release = () => {};
    const frozen = exclusive('sotto-download-sample', new AbortController().signal, () => {
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    expect(await kit.download({ exclusive, patienceMs: 1 })).toMatchObject(COMPLETE);
    await kit.expectWhole();
    release();
    await frozen;
  });
});

describe('an abort', () => {
  it('stops the transfer, keeps what is stored, and the next download fetches only the rest', async () => {
    const running = kit.service();
    const size = kit.server.model.bytes.length;
    kit.server.next.push(({ response, bytes, seen }) => {
      response.writeHead(200, { 'Content-Length': String(size) });
      seen.sent = 4 * CHUNK_BYTES + 500;
      response.write(bytes.subarray(0, seen.sent));
      response.on('close', () => closed());
    });
    let closed = () => {};
    const connectionClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const result = running.download('call', 'sample', kit.onEvent);
    await vi.waitFor(async () => expect((await kit.storedFlags()).filter(Boolean)).toHaveLength(4));
    running.abort('call');
    expect(failure(await result)).toMatchObject({ kind: 'abort' });
    await connectionClosed;
    expect((await kit.storedFlags()).filter(Boolean)).toHaveLength(4);
    expect(await running.download('again', 'sample', kit.onEvent)).toMatchObject(COMPLETE);
    expect(kit.totalSent()).toBeLessThanOrEqual(size + CHUNK_BYTES);
    await kit.expectWhole();
  });

  it('during the pause before a retry ends the pause', async () => {
    kit.server.always = answer(503, 'busy');
    const running = kit.service({ retry: { attempts: 5, firstWaitMs: 600_000, longestWaitMs: 600_000 } });
    const result = running.download('call', 'sample', (event) => {
      if (event.type === 'download-retry') running.abort('call');
    });
    expect(failure(await result)).toMatchObject({ kind: 'abort' });
  });

  it('of an unknown call is ignored', () => {
    expect(() => kit.service().abort('nobody')).not.toThrow();
  });
});

describe('the lists', () => {
  it('name the models of the site', async () => {
    expect(await kit.service().catalogue()).toEqual({
      ok: true,
      value: [{ id: 'sample', name: 'Sample', manifest: 'sample/manifest.json' }],
    });
    expect(await kit.service().manifest('sample')).toEqual({ ok: true, value: kit.server.manifest });
    expect(failure(await kit.service().manifest('nobody'))).toMatchObject({ code: 'model-unknown' });
  });

  it('come from the kit.store where the site cannot be reached', async () => {
    await kit.download();
    await kit.server.close();
    const offline = kit.service();
    expect(await offline.catalogue()).toMatchObject({ ok: true, value: [{ id: 'sample' }] });
    expect(await offline.manifest('sample')).toEqual({ ok: true, value: kit.server.manifest });
    expect(await offline.download('call', 'sample', kit.onEvent)).toMatchObject(COMPLETE);
    kit.server = await startModelServer();
  });

  it('come from the kit.store where the site answers with a sign-in page', async () => {
    await kit.download();
    kit.server.manifestBody = '<!doctype html><title>Sign in</title>';
    expect(await kit.service().manifest('sample')).toEqual({ ok: true, value: kit.server.manifest });
    expect(await kit.download()).toMatchObject(COMPLETE);
  });

  it('are an error where nothing is stored', async () => {
    kit.server.manifestBody = '<!doctype html>';
    expect(failure(await kit.download())).toMatchObject({ code: 'download-not-the-file' });
    await kit.server.close();
    expect(failure(await kit.service().catalogue())).toMatchObject({ code: 'download-failed' });
    expect(failure(await kit.service().manifest('sample'))).toMatchObject({ code: 'download-failed' });
    kit.server = await startModelServer();
  });

  it('say that a half-stored model needs its site', async () => {
    kit.server.always = dropAt(4 * CHUNK_BYTES);
    await kit.download();
    await kit.server.close();
    expect(failure(await kit.download())).toMatchObject({ code: 'download-failed' });
    kit.server = await startModelServer();
  });

  it('are not read from a manifest that leads to another host', async () => {
    const file = { ...kit.server.manifest.file, path: 'https://example.org/x.gguf' };
    kit.server.manifestBody = JSON.stringify({ ...kit.server.manifest, file });
    expect(failure(await kit.download())).toMatchObject({ code: 'download-not-the-file' });
  });
});

describe('stored models', () => {
  it('are listed, given as a Blob, and removed', async () => {
    const all = kit.service();
    expect(failure(await all.blob('sample'))).toMatchObject({ code: 'model-unknown' });
    await kit.download();
    expect(await all.list()).toMatchObject({
      ok: true,
      value: [{ id: 'sample', complete: true, size: kit.server.model.bytes.length }],
    });
    const blob = await all.blob('sample');
    expect(blob.ok && Buffer.from(await blob.value.arrayBuffer()).equals(Buffer.from(kit.server.model.bytes))).toBe(
      true,
    );
    expect(await all.remove('sample')).toEqual({ ok: true, value: null });
    expect(await all.list()).toEqual({ ok: true, value: [] });
  });

  it('are removed even while they are being fetched', async () => {
    kit.server.always = ({ response, bytes }) => {
      response.writeHead(200, { 'Content-Length': String(bytes.length) });
      response.write(bytes.subarray(0, 3 * CHUNK_BYTES));
    };
    const all = kit.service();
    const running = all.download('call', 'sample', kit.onEvent);
    await systemClock.sleep(60);
    expect(await all.remove('sample')).toEqual({ ok: true, value: null });
    expect(failure(await running)).toMatchObject({ kind: 'abort' });
    expect(await kit.store.list()).toEqual([]);
  });

  it('survive a kit.store that fails to open once', async () => {
    let attempts = 0;
    const openStore = () =>
      ++attempts === 1 ? Promise.reject(new SottoError('storage-failed', 'busy')) : Promise.resolve(kit.store);
    const all = kit.service({ openStore });
    expect(failure(await all.list())).toMatchObject({ code: 'storage-failed' });
    expect(await all.list()).toEqual({ ok: true, value: [] });
  });
});
