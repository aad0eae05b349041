import { describe, expect, it, vi } from 'vitest';
import { type Envelope, settle } from '../protocol/index.ts';
import { SottoError, type SottoErrorCode } from '../shared/index.ts';
import { ChatCompletions } from './chat-completions.ts';
import { CompletionRunner } from './completion-runner.ts';
import { Models } from './models.ts';
import { fakeWorker, ok } from './testing/fake-worker.ts';
import type { Workers } from './workers.ts';

const aborted: Envelope<never> = { ok: false, error: { kind: 'abort', message: 'aborted' } };

const refused = (code: SottoErrorCode, message: string) => settle(() => Promise.reject(new SottoError(code, message)));

/** Answers that are given when the test says so; an abort of the call answers too. */
function held<T>() {
  const open = new Map<string, (envelope: Envelope<T>) => void>();
  return {
    ids: () => [...open.keys()],
    start: (callId: string) => new Promise<Envelope<T>>((resolve) => open.set(callId, resolve)),
    end: (callId: string, envelope: Envelope<T>) => open.get(callId)?.(envelope),
    abort: (callId: string) => open.get(callId)?.(aborted),
  };
}

/** SHA-256 of no bytes: the model of these tests carries no template. */
const NO_TEMPLATE = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function setUp({
  manifest = async (_: string) => ok({ file: { path: 'model.gguf' }, chatTemplateSha256: NO_TEMPLATE, defaults: {} }),
} = {}) {
  const loading = held<object>();
  const log: string[] = [];
  const inference = {
    load: (callId: string, source: { modelId?: string }) => {
      log.push(`load ${source.modelId}`);
      return loading.start(callId);
    },
    check: async (_: string, source: { name?: string }, { threads }: { threads?: number }): Promise<Envelope<null>> => {
      if (source.name === 'broken.gguf') return refused('gguf-invalid', 'It is broken.');
      return threads === 0 ? refused('invalid-option', 'Threads are too few.') : ok(null);
    },
    unload: async () => ok(null),
    abort: loading.abort,
  };
  const download = {
    manifest,
    download: async (_: string, id: string) => ok({ id, name: id, medium: 'indexeddb' }),
    repair: async (_: string, id: string) => {
      log.push(`repair ${id}`);
      return ok({});
    },
    remove: async (id: string) => {
      log.push(`remove ${id}`);
      return ok(null);
    },
    abort: () => {},
  };
  const sandbox = { hello: async () => ok({ protocolVersion: 1 }) };
  const workers = {
    inference: fakeWorker(inference),
    download: fakeWorker(download),
    sandbox: fakeWorker(sandbox),
  };
  const permit = vi.fn(async (): Promise<unknown> => null);
  return { models: new Models({ ...workers, permit } as unknown as Workers), workers, permit, loading, log };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const nameOf = (error: unknown) => (SottoError.isInstance(error) ? error.code : (error as Error).name);
const loaded = { chatTemplate: null };

describe('files of its own', () => {
  it('are refused before a byte of them is read, where a policy forbids them', async () => {
    const { models, permit, log } = setUp();
    permit.mockRejectedValue(new SottoError('blocked-by-policy', 'Not here.'));
    const read = vi.fn();
    const file = (name: string) =>
      Object.assign(new File(['{}'], name), { arrayBuffer: read, text: read, slice: read });
    const folder = [file('config.json'), file('tokenizer.json'), file('model.safetensors')];
    for (const given of [file('model.gguf'), folder]) {
      await expect(models.load(given)).rejects.toMatchObject({ code: 'blocked-by-policy' });
    }
    await expect(models.load('a', { draftModel: file('small.gguf') })).rejects.toMatchObject({
      code: 'blocked-by-policy',
    });
    expect(read).not.toHaveBeenCalled();
    expect(log).toEqual([]);
  });
});

it.each([5, null, 'http://[x'])('a name that can be none is refused by a code: %j', async (name) => {
  vi.stubGlobal('document', { baseURI: 'https://sotto.test/' });
  const { models, log } = setUp();
  const refused = { code: 'invalid-option' };
  await expect(models.load(name as string)).rejects.toMatchObject(refused);
  await expect(models.delete(name as string)).rejects.toMatchObject(refused);
  await expect(models.manifest(name as string)).rejects.toMatchObject(refused);
  expect(log).toEqual([]);
  vi.unstubAllGlobals();
});

it('a model that is not to be had leaves the one that is loaded alone', async () => {
  const { models, loading, workers } = setUp({
    manifest: async (id) => {
      if (id === 'b') throw new SottoError('model-unknown', 'There is no such model.');
      return ok({ file: { path: 'model.gguf' }, chatTemplateSha256: NO_TEMPLATE, defaults: {} });
    },
  });
  const load = models.load('a');
  await turn();
  loading.end(loading.ids()[0] ?? '', ok(loaded));
  await load;
  expect(await models.load('b').catch(nameOf)).toBe('model-unknown');
  expect(workers.inference.isRunning).toBe(true);
  expect(models.loaded).toMatchObject({ id: 'a' });
});

it('what cannot be loaded by its header or its options leaves the one that is loaded alone', async () => {
  const { models, loading, workers, log } = setUp();
  const load = models.load('a');
  await turn();
  loading.end(loading.ids()[0] ?? '', ok(loaded));
  await load;
  expect(await models.load(new File([], 'broken.gguf')).catch(nameOf)).toBe('gguf-invalid');
  expect(await models.load('b', { threads: 0 }).catch(nameOf)).toBe('invalid-option');
  expect(workers.inference.isRunning).toBe(true);
  expect(models.loaded).toMatchObject({ id: 'a' });
  await models.load('a');
  expect(log).toEqual(['load a']);
});

describe('an abort of a load', () => {
  it('ends it while it waits for another, which goes on', async () => {
    const { models, loading, log } = setUp();
    const first = models.load('a');
    await turn();
    const controller = new AbortController();
    const settled = vi.fn();
    models.load('b', { signal: controller.signal }).catch(nameOf).then(settled);
    await turn();
    controller.abort();
    await turn();
    expect(settled).toHaveBeenCalledWith('AbortError');
    loading.end(loading.ids()[0] ?? '', ok(loaded));
    expect(await first).toMatchObject({ id: 'a' });
    expect(log).toEqual(['load a']);
  });

  it('ends it while its manifest is on its way', async () => {
    const { models } = setUp({ manifest: () => new Promise<never>(() => {}) });
    const controller = new AbortController();
    const settled = vi.fn();
    models.load('a', { signal: controller.signal }).catch(nameOf).then(settled);
    await turn();
    controller.abort();
    await turn();
    expect(settled).toHaveBeenCalledWith('AbortError');
  });

  it('ends a request that waits for it', async () => {
    const { models } = setUp();
    void models.load('a');
    const controller = new AbortController();
    const settled = vi.fn();
    models.ready('a', controller.signal).catch(nameOf).then(settled);
    await turn();
    controller.abort();
    await turn();
    expect(settled).toHaveBeenCalledWith('AbortError');
  });
});

it('a model that is deleted while it loads is not fetched again', async () => {
  const { models, log } = setUp();
  const load = models.load('a').catch(nameOf);
  await turn();
  await models.delete('a');
  expect(await load).toBe('AbortError');
  expect(log).toEqual(['load a', 'remove a']);
});

it('a deletion leaves the load of another model alone', async () => {
  const { models, loading, log } = setUp();
  const load = models.load('a');
  await turn();
  await models.delete('b');
  loading.end(loading.ids()[0] ?? '', ok(loaded));
  expect(await load).toMatchObject({ id: 'a' });
  expect(log).toEqual(['load a', 'remove b']);
});

describe('after dispose', () => {
  it('a load that waited does not start threads again', async () => {
    const { models, workers } = setUp();
    const load = models.load('a').catch(nameOf);
    models.dispose();
    expect(await load).toBe('disposed');
    expect(Object.values(workers).map(({ isRunning }) => isRunning)).toEqual([false, false, false]);
  });

  it('a request that waited does not load its model again, and one that comes later does', async () => {
    const { models, workers, loading } = setUp();
    const load = models.load('a');
    await turn();
    loading.end(loading.ids()[0] ?? '', ok(loaded));
    await load;
    const waiting = models.ready('a').catch(nameOf);
    models.dispose();
    workers.inference.stop();
    expect(await waiting).toBe('disposed');
    expect(workers.inference.isRunning).toBe(false);

    // Nor does one that had not come so far when it was disposed of.
    const runner = new CompletionRunner(workers as unknown as Workers, models);
    const chat = new ChatCompletions(runner, () => {
      throw new RangeError('There are no flows here.');
    });
    const asked = chat.create({ model: 'a', messages: [{ role: 'user', content: 'Hi' }] }).catch(nameOf);
    models.dispose();
    expect(await asked).toBe('disposed');
    expect(workers.inference.isRunning).toBe(false);

    const later = models.ready('a');
    await turn();
    loading.end(loading.ids()[1] ?? '', ok(loaded));
    expect(await later).toMatchObject({ model: { id: 'a' } });
  });
});
