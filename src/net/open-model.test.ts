import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseManifest } from '../library/index.ts';
import { sampleGguf } from '../library/testing/sample-gguf.ts';
import type { DownloadEvent, Envelope } from '../protocol/index.ts';
import { createMemoryPinStore, type PinStore } from '../storage/index.ts';
import { createMemoryWeightStore } from '../storage/weights/memory-weight-store.ts';
import { openStoredModel } from '../storage/weights/open-stored-model.ts';
import { sha256Hex } from '../storage/weights/testing/sample-model.ts';
import type { WeightStore } from '../storage/weights/weight-store.ts';
import { createDownloadService, type DownloadServiceOptions } from './download-service.ts';
import { type FileServer, startFileServer } from './testing/file-server.ts';
import type { UngovernedPort } from './under-policy.ts';

const MIB = 2 ** 20;
let site: FileServer;
let store: WeightStore;
let pins: PinStore;
let events: DownloadEvent[];

beforeEach(async () => {
  site = await startFileServer();
  store = createMemoryWeightStore();
  pins = createMemoryPinStore();
  events = [];
});
afterEach(() => site.close());

const text = (value: object) => new TextEncoder().encode(JSON.stringify(value));

function service(options: Partial<DownloadServiceOptions> = {}): UngovernedPort {
  return createDownloadService({
    catalogueUrl: new URL(`${site.origin}/models/catalogue.json`),
    openStore: async () => store,
    pins,
    retry: { attempts: 3, firstWaitMs: 5, longestWaitMs: 10 },
    stall: { windowMs: 10_000, leastBytes: 1024 },
    parallel: { connections: 4, leastPieceBytes: 64 * 1024 },
    ...options,
  });
}

const get = (model: string, options?: Partial<DownloadServiceOptions>) =>
  service(options).download('call', model, (event) => void events.push(event));

function value<T>(envelope: Envelope<T>): T {
  if (!envelope.ok) throw new Error(JSON.stringify(envelope.error));
  return envelope.value;
}

function failure<T>(envelope: Envelope<T>): unknown {
  return envelope.ok ? undefined : envelope.error;
}

async function expectStored(id: string, bytes: Uint8Array): Promise<void> {
  const source = await openStoredModel(store, id);
  expect(Buffer.from(await source.read(0, source.size)).equals(Buffer.from(bytes))).toBe(true);
}

const weightsSent = () =>
  site.seen.filter(({ path }) => path.endsWith('.gguf')).reduce((sum, { sent }) => sum + sent, 0);

describe('a model at an address, whose hash nobody published', () => {
  const bytes = sampleGguf({ weightBytes: 5 * MIB });
  const address = () => `${site.origin}/files/Tiny%20Model.Q8_0.gguf`;

  beforeEach(() => {
    site.files.set('/files/Tiny%20Model.Q8_0.gguf', { bytes, etag: '"one"' });
  });

  it('is fetched over several connections, pinned, described by its own header, and then asks nothing of any server', async () => {
    site.files.get('/files/Tiny%20Model.Q8_0.gguf')!.delayMs = 30;
    const stored = value(await get(address()));
    expect(stored).toMatchObject({ complete: true, hashes: 'pinned', size: bytes.length, name: 'Sample' });
    expect(stored.id).toMatch(/^tiny-model.q8_0-[0-9a-f]{8}$/);
    await expectStored(stored.id, bytes);
    const manifest = value(await service().manifest(stored.id));
    expect(manifest).toMatchObject({
      architecture: 'llama',
      quantisation: 'F32',
      contextLength: 2048,
      licence: { id: 'apache-2.0' },
      hashes: 'pinned',
      origin: { url: address() },
      file: { sha256: await sha256Hex(bytes), size: bytes.length },
      memory: { cacheBytesPerToken: 2 * 2 * 2 * 16 * 2 },
    });
    const requests = site.seen.length;
    expect(site.mostOpen).toBeGreaterThan(1);
    expect(value(await get(stored.id))).toMatchObject({ complete: true });
    expect(site.seen.length).toBe(requests);
  });

  it('is resumed by another session where the line broke, and nothing but the probe comes twice', async () => {
    site.files.get('/files/Tiny%20Model.Q8_0.gguf')!.breaks = { after: 700_000, times: 99 };
    const inOneStream = { connections: 1, leastPieceBytes: MIB };
    expect(failure(await get(address(), { parallel: inOneStream }))).toMatchObject({ code: 'download-failed' });
    delete site.files.get('/files/Tiny%20Model.Q8_0.gguf')!.breaks;
    const stored = value(await get(address()));
    await expectStored(stored.id, bytes);
    expect(weightsSent()).toBeLessThanOrEqual(bytes.length + 4 * MIB + 200);
  });

  it('loses nothing of a chunk to a line that breaks again and again', async () => {
    site.files.get('/files/Tiny%20Model.Q8_0.gguf')!.breaks = { after: 700_000, times: 99 };
    await expectStored(value(await get(address())).id, bytes);
    expect(weightsSent()).toBe(bytes.length + 64);
  });

  it('begins anew where the file changed between two sessions, before anything was accepted', async () => {
    const file = site.files.get('/files/Tiny%20Model.Q8_0.gguf')!;
    file.breaks = { after: 700_000, times: 7 };
    await get(address(), { parallel: { connections: 1, leastPieceBytes: MIB } });
    const other = sampleGguf({ weightBytes: 5 * MIB, seed: 2 });
    Object.assign(file, { bytes: other, etag: '"two"', breaks: undefined });
    await expectStored(value(await get(address())).id, other);
  });

  it('is refused when it comes again as another file, until the change is accepted', async () => {
    const { id } = value(await get(address()));
    await service().remove(id);
    const other = sampleGguf({
      weightBytes: 5 * MIB,
      seed: 2,
      template: '{{ messages }}\n{{ evil }}',
      tokens: ['a', 'x'],
    });
    Object.assign(site.files.get('/files/Tiny%20Model.Q8_0.gguf')!, { bytes: other, etag: '"two"' });
    expect(failure(await get(address()))).toMatchObject({ code: 'model-changed', details: { modelId: id } });
    expect((await store.record(id))?.stored.every(Boolean) ?? false).toBe(false);

    const all = service();
    const change = value(await all.changes('look', address()));
    expect(change).toMatchObject({ size: { before: bytes.length, after: other.length } });
    expect(change?.template).toEqual([' {{ messages }}', '+{{ evil }}']);
    expect(change?.tokenizer).toEqual([{ fact: 'tokens', before: '["a","b","c"]', after: '["a","x"]' }]);
    expect(failure(await all.acceptChange(id, 'another'))).toMatchObject({ code: 'invalid-option' });
    expect(await all.acceptChange(id, change?.edition ?? '')).toMatchObject({ ok: true });
    expect(value(await all.download('call', address(), () => {}))).toMatchObject({ complete: true });
    await expectStored(id, other);
    expect(value(await all.changes('look', address()))).toBeNull();
  });

  it('is refused where only its weights changed', async () => {
    const { id } = value(await get(address()));
    await service().remove(id);
    const other = sampleGguf({ weightBytes: 5 * MIB, seed: 3 });
    Object.assign(site.files.get('/files/Tiny%20Model.Q8_0.gguf')!, { bytes: other, etag: '"two"' });
    expect(failure(await get(address()))).toMatchObject({ code: 'model-changed' });
    const change = value(await service().changes('look', address()));
    expect(change).toMatchObject({ template: [], tokenizer: [] });
  });

  it('comes whole from a server without ranges', async () => {
    site.files.get('/files/Tiny%20Model.Q8_0.gguf')!.hasRanges = false;
    await expectStored(value(await get(address())).id, bytes);
  });

  it('is mended piece by piece where the disk changed it', async () => {
    const { id } = value(await get(address()));
    await store.dropChunks(id, [0]);
    const before = weightsSent();
    expect(value(await service().repair('call', id, () => {}))).toMatchObject({ complete: true });
    await expectStored(id, bytes);
    expect(weightsSent() - before).toBe(4 * MIB);
  });

  it.each([
    ['an HTML page', { bytes: text({}), type: 'text/html' }],
    ['something else', { bytes: new TextEncoder().encode('PK\u0003\u0004 and so on'.repeat(9)) }],
  ])('that is %s is refused before anything is stored', async (_what, file) => {
    site.files.set('/files/x.gguf', file);
    expect(failure(await get(`${site.origin}/files/x.gguf`))).toMatchObject({ code: 'download-not-the-file' });
    expect(await store.list()).toEqual([]);
  });

  it('that ends too early is removed again', async () => {
    site.files.set('/files/x.gguf', { bytes: bytes.slice(0, 100_000), etag: '"cut"' });
    expect(failure(await get(`${site.origin}/files/x.gguf`))).toMatchObject({ code: 'gguf-truncated' });
    expect(await store.list()).toEqual([]);
  });

  it('on another host is refused', async () => {
    expect(failure(await get('https://example.org/x.gguf'))).toMatchObject({ code: 'download-refused' });
  });
});

describe('a model that the catalogue only knows of', () => {
  const bytes = sampleGguf({ weightBytes: 5 * MIB, seed: 9 });
  const path = '/hub/owner/name-GGUF/resolve/main/name.gguf';
  const catalogue = (source: object) =>
    text({
      catalogueVersion: 1,
      models: [
        {
          id: 'known',
          name: 'Known model',
          source: {
            repository: 'owner/name-GGUF',
            revision: 'main',
            file: 'name.gguf',
            size: null,
            sha256: null,
            licence: 'MIT',
            architecture: 'llama',
            quantisation: 'F32',
            parameters: 1,
            contextLength: 2048,
            ...source,
          },
        },
      ],
    });
  const offer = (source: object = {}) => site.files.set('/models/catalogue.json', { bytes: catalogue(source) });
  let mirror: FileServer;
  const mirrors = () => ({ mirrors: async () => [`${site.origin}/nothing/`, `${mirror.origin}/hub/`] });

  beforeEach(async () => {
    mirror = await startFileServer();
    mirror.files.set(path, { bytes, etag: '"one"' });
  });
  afterEach(() => mirror.close());

  it('comes from the first mirror that has it, and is pinned where its hash is not known', async () => {
    offer();
    const stored = value(await get('known', mirrors()));
    expect(stored).toMatchObject({ id: 'known', name: 'Known model', hashes: 'pinned', complete: true });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'download-mirror', host: new URL(site.origin).host }),
    );
    await expectStored('known', bytes);
  });

  it('is published where its hash is known, and refused where it is another', async () => {
    offer({ sha256: await sha256Hex(bytes), size: bytes.length });
    expect(value(await get('known', mirrors()))).toMatchObject({ hashes: 'published' });
    await service().remove('known');
    offer({ sha256: '0'.repeat(64) });
    expect(failure(await get('known', mirrors()))).toMatchObject({ code: 'hash-mismatch' });
    expect(await store.list()).toEqual([]);
    offer({ size: 99 });
    expect(failure(await get('known', mirrors()))).toMatchObject({ code: 'download-not-the-file' });
  });

  it('without a mirror says which file to import', async () => {
    offer();
    expect(failure(await get('known'))).toMatchObject({ code: 'download-refused', details: { file: 'name.gguf' } });
    expect(value(await service().known()).map(({ id }) => id)).toEqual(['known']);
    expect(value(await service().catalogue())).toEqual([]);
  });
});

it('the manifest that is made of a header is one that is read again', async () => {
  const bytes = sampleGguf();
  site.files.set('/a.gguf', { bytes });
  const { id } = value(await get(`${site.origin}/a.gguf`));
  const record = await store.record(id);
  expect(() => parseManifest(record?.manifestText ?? '')).not.toThrow();
});
