import { proxy, type Remote, wrap } from 'comlink';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import downloadUrl from '../../workers/download.worker.ts?worker&url';
import { readGguf } from '../formats/index.ts';
import type { DownloadEvent, DownloadPort } from '../protocol/index.ts';
import { openStoredModel, openWeightStore } from '../storage/index.ts';

const MODEL = 'smollm2-135m-instruct';
const BYTES = 98_362_432;

let worker: Worker;
let port: Remote<DownloadPort>;

beforeEach(async () => {
  worker = new Worker(downloadUrl, { type: 'module', name: `download-test-${crypto.randomUUID()}` });
  port = wrap<DownloadPort>(worker);
  await port.hello();
  await port.remove(MODEL);
});
afterEach(async () => {
  await port.remove(MODEL);
  worker.terminate();
});

describe('the download worker in a real browser', () => {
  it('brings the embedded model from the page’s own origin into IndexedDB', async () => {
    const offered = expect.arrayContaining([expect.objectContaining({ id: MODEL })]);
    expect(await port.catalogue()).toMatchObject({ ok: true, value: offered });
    const events: DownloadEvent[] = [];
    const result = await port.download(
      'call',
      MODEL,
      proxy((event: DownloadEvent) => void events.push(event)),
    );
    expect(result).toMatchObject({ ok: true, value: { id: MODEL, size: BYTES, complete: true, medium: 'indexeddb' } });
    expect(events.at(-1)).toMatchObject({
      type: 'download-progress',
      loadedBytes: BYTES,
      totalBytes: BYTES,
      secondsLeft: 0,
    });

    // Another thread opens what the worker stored, as the engine does.
    const store = await openWeightStore();
    const source = await openStoredModel(store, MODEL);
    const file = await readGguf(source);
    expect(file.tensors.size).toBe(272);
    const last = [...file.tensors.values()].at(-1)!;
    expect((await source.read(last.offset, last.byteLength)).byteLength).toBe(last.byteLength);

    // One piece is lost on disk: repair brings that piece back.
    await store.dropChunks(MODEL, [7]);
    await expect(openStoredModel(store, MODEL)).rejects.toMatchObject({ code: 'chunk-corrupt', details: { chunk: 7 } });
    expect(
      await port.repair(
        'repair',
        MODEL,
        proxy(() => {}),
      ),
    ).toMatchObject({ ok: true, value: { complete: true } });
    expect((await source.read(0, 4)).byteLength).toBe(4);
    store.close();
  });

  it('survives being killed in the middle, and the next worker fetches only the rest', async () => {
    void port.download(
      'call',
      MODEL,
      proxy(() => {}),
    );
    // Seen from beside, because progress counts what has arrived, and what counts here is what is on disk.
    const store = await openWeightStore();
    while (!(await store.record(MODEL))?.stored.includes(true)) await new Promise((resolve) => setTimeout(resolve, 5));
    worker.terminate();
    worker = new Worker(downloadUrl, { type: 'module', name: `download-test-${crypto.randomUUID()}` });
    port = wrap<DownloadPort>(worker);
    const list = await port.list();
    const before = list.ok ? (list.value[0]?.storedBytes ?? 0) : 0;
    expect(before).toBeGreaterThan(0);
    expect(before % 4_194_304).toBe(0);
    store.close();
    const events: DownloadEvent[] = [];
    const result = await port.download(
      'call',
      MODEL,
      proxy((event: DownloadEvent) => void events.push(event)),
    );
    expect(result).toMatchObject({ ok: true, value: { complete: true } });
    expect(events[0]).toMatchObject({ loadedBytes: before });
  });

  it('stops at once, and lets two tabs share one download', async () => {
    const other = new Worker(downloadUrl, { type: 'module', name: `download-test-${crypto.randomUUID()}` });
    const otherPort = wrap<DownloadPort>(other);
    const [first, second] = await Promise.all([
      port.download(
        'call',
        MODEL,
        proxy(() => {}),
      ),
      otherPort.download(
        'call',
        MODEL,
        proxy(() => {}),
      ),
    ]);
    expect(first).toMatchObject({ ok: true, value: { complete: true } });
    expect(second).toMatchObject({ ok: true, value: { complete: true } });
    await port.remove(MODEL);
    const stopped = port.download(
      'stop',
      MODEL,
      proxy((event: DownloadEvent) => {
        if (event.type === 'download-progress' && event.loadedBytes > 0) void port.abort('stop');
      }),
    );
    expect(await stopped).toMatchObject({ ok: false, error: { kind: 'abort' } });
    other.terminate();
  });
});
