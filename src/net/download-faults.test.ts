import { describe, expect, it } from 'vitest';
import { SottoError } from '../shared/index.ts';
import { COMPLETE, failure, useDownloadHarness } from './testing/download-harness.ts';
import { answer, CHUNK_BYTES, dropAt, serveRange, startModelServer } from './testing/model-server.ts';

const kit = useDownloadHarness();

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
    kit.server.always = handler;
    expect(failure(await kit.download())).toMatchObject({ code: 'download-not-the-file' });
    expect(await kit.storedFlags()).not.toContain(true);
    expect(kit.server.seen).toHaveLength(1);
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
    kit.server.next.push(dropAt(CHUNK_BYTES));
    kit.server.always = handler;
    expect(failure(await kit.download())).toMatchObject({ code: 'download-not-the-file' });
    expect((await kit.storedFlags()).filter(Boolean)).toHaveLength(1);
  });
});

describe('a failing server', () => {
  it('that says 404 is asked once', async () => {
    kit.server.always = answer(404, 'nothing here');
    expect(failure(await kit.download())).toMatchObject({ code: 'download-failed', details: { status: 404 } });
    expect(kit.server.seen).toHaveLength(1);
  });

  it('that says 503 is asked again', async () => {
    kit.server.next.push(answer(503, 'busy'), answer(429, 'slower'));
    expect(await kit.download()).toMatchObject(COMPLETE);
    expect(kit.server.seen).toHaveLength(3);
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
    kit.server.always = handler;
    expect(failure(await kit.download({ stall: { windowMs: 60, leastBytes: 1024 } }))).toMatchObject({
      code: 'download-stalled',
    });
    kit.server.always = undefined;
    expect(await kit.download()).toMatchObject(COMPLETE);
  });

  it('that sends one wrong piece is asked for that piece again', async () => {
    kit.server.next.push((context) => {
      const bytes = context.bytes.slice();
      bytes[3 * CHUNK_BYTES + 5] = bytes[3 * CHUNK_BYTES + 5]! ^ 1;
      serveRange({ ...context, bytes });
    });
    expect(await kit.download()).toMatchObject(COMPLETE);
    await kit.expectWhole();
    expect(kit.server.seen[1]?.range).toMatch(`bytes=${3 * CHUNK_BYTES}-`);
  });

  it('that sends the same wrong piece twice is not believed; what was right is kept', async () => {
    kit.server.always = (context) => {
      const bytes = context.bytes.slice();
      bytes[3 * CHUNK_BYTES + 5] = bytes[3 * CHUNK_BYTES + 5]! ^ 1;
      serveRange({ ...context, bytes });
    };
    expect(failure(await kit.download())).toMatchObject({
      code: 'hash-mismatch',
      details: { modelId: 'sample', chunk: 3 },
    });
    expect(kit.server.seen).toHaveLength(2);
    expect((await kit.storedFlags()).slice(0, 4)).toEqual([true, true, true, false]);
  });

  it('that redirects to another host is not followed', async () => {
    const other = await startModelServer();
    kit.server.always = answer(302, '', { Location: `${other.origin}/app/models/sample/sample.gguf` });
    expect(failure(await kit.download())).toMatchObject({ code: 'download-refused' });
    expect(other.seen).toHaveLength(0);
    expect(kit.server.seen).toHaveLength(1);
    await other.close();
  });
});

describe('the store', () => {
  it('full at a piece: the earlier ones stay, and the download resumes', async () => {
    let room = 5;
    const putChunk = kit.store.putChunk.bind(kit.store);
    kit.store.putChunk = (modelId, chunk, bytes) =>
      room-- > 0
        ? putChunk(modelId, chunk, bytes)
        : Promise.reject(new SottoError('storage-full', 'full', { details: { neededBytes: 9 } }));
    expect(failure(await kit.download())).toMatchObject({ code: 'storage-full', details: { neededBytes: 9 } });
    expect((await kit.storedFlags()).filter(Boolean)).toHaveLength(5);
    expect(kit.server.seen).toHaveLength(1);
    room = 99;
    expect(await kit.download()).toMatchObject(COMPLETE);
    expect(kit.server.seen.at(-1)?.range).toMatch(`bytes=${5 * CHUNK_BYTES}-`);
  });

  it('with a changed piece: repair fetches that piece and no other', async () => {
    await kit.download();
    const readChunk = kit.store.readChunk.bind(kit.store);
    let isBroken = true;
    kit.store.readChunk = (plan, chunk) =>
      chunk === 6 && isBroken
        ? Promise.reject(new SottoError('chunk-corrupt', 'changed', { details: { modelId: 'sample', chunk } }))
        : readChunk(plan, chunk);
    const putChunk = kit.store.putChunk.bind(kit.store);
    kit.store.putChunk = (modelId, chunk, bytes) => {
      if (chunk === 6) isBroken = false;
      return putChunk(modelId, chunk, bytes);
    };
    expect(await kit.service().repair('call', 'sample', kit.onEvent)).toMatchObject(COMPLETE);
    expect(kit.server.seen.map(({ range }) => range)).toEqual([
      undefined,
      `bytes=${6 * CHUNK_BYTES}-${7 * CHUNK_BYTES - 1}`,
    ]);
    expect(kit.server.seen[1]?.sent).toBe(CHUNK_BYTES);
    await kit.expectWhole();
  });

  it('that was deleted meanwhile: repair does not bring it back', async () => {
    await kit.download();
    await kit.store.remove('sample');
    expect(failure(await kit.service().repair('call', 'sample', kit.onEvent))).toMatchObject({ kind: 'abort' });
    expect(await kit.store.list()).toEqual([]);
  });

  it('with nothing wrong: repair fetches nothing', async () => {
    await kit.download();
    expect(await kit.service().repair('call', 'sample', kit.onEvent)).toMatchObject(COMPLETE);
    expect(kit.server.seen).toHaveLength(1);
  });

  it('emptied meanwhile: the download stops and brings nothing back', async () => {
    const putChunk = kit.store.putChunk.bind(kit.store);
    kit.store.putChunk = async (modelId, chunk, bytes) => {
      if (chunk === 4) await kit.store.remove('sample');
      return putChunk(modelId, chunk, bytes);
    };
    expect(failure(await kit.download())).toMatchObject({ kind: 'abort' });
    expect(await kit.store.list()).toEqual([]);
  });
});
