import { describe, expect, it, vi } from 'vitest';
import { type ModelLoadOptions, SottoError, type StoredModel } from '../../client/index.ts';
import { abortError } from '../../shared/index.ts';
import { type EngineScript, SIZE, testEngine, testReadyModel } from './engine.kit.ts';
import { createModelController } from './model-controller.ts';

function controller(
  script: EngineScript,
  options: { savesData?: boolean; modelId?: string; load?: ModelLoadOptions } = {},
) {
  return createModelController({
    engine: testEngine(script),
    load: options.load ?? { threads: 2 },
    modelId: options.modelId ?? null,
    savesData: options.savesData ?? false,
  });
}

function storedModel(storedBytes: number): StoredModel {
  const complete = storedBytes === SIZE;
  return {
    id: 'first',
    name: 'First',
    size: SIZE,
    storedBytes,
    complete,
    medium: 'indexeddb',
    hashes: 'published',
    usedAt: 0,
  };
}

/** A load that reports what it is told to and ends when it is told to, or when it is aborted. */
function heldLoad() {
  const calls: {
    source: string | File;
    options: ModelLoadOptions;
    end: () => void;
    fail: (error: unknown) => void;
  }[] = [];
  const load: EngineScript['load'] = (source, options) =>
    new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(abortError()));
      const end = () => resolve(testReadyModel(typeof source === 'string' ? source : source.name));
      calls.push({ source, options, end, fail: reject });
    });
  return { calls, load };
}

const progress = (loadedBytes: number) => ({ type: 'download-progress', loadedBytes, totalBytes: SIZE }) as const;

describe('a choice of models', () => {
  const catalogue = async () => [
    { id: 'first', name: 'First', manifest: '' },
    { id: 'second', name: 'Second', manifest: '' },
    { id: 'meanings', name: 'Meanings', kind: 'embedding' as const, manifest: '' },
  ];

  it('holds what can answer in a chat; what is chosen is loaded, and the next visit begins with it', async () => {
    const loads: unknown[] = [];
    let remembered: string | null = null;
    const make = () =>
      createModelController({
        engine: testEngine({
          catalogue,
          stored: () => [storedModel(SIZE), { ...storedModel(SIZE), id: 'mine', name: 'Mine' }],
          load: async (source) => {
            loads.push(source);
            return testReadyModel(String(source));
          },
        }),
        load: {},
        modelId: null,
        savesData: false,
        chosen: { read: () => remembered, write: (id) => (remembered = id) },
      });
    const model = make();
    await model.start();
    await vi.waitFor(() =>
      expect(model.choices.value.map(({ id, isHere }) => [id, isHere])).toEqual([
        ['first', true],
        ['second', false],
        ['mine', true],
      ]),
    );
    await model.choose('second');
    expect(model.state.value).toMatchObject({ kind: 'ready', model: { id: 'second' } });
    await make().start();
    expect(loads).toEqual(['first', 'second', 'second']);
  });

  it('holds to the last of several, in whichever order their descriptions come or fail', async () => {
    const coming = new Map<string, { readonly come: () => void; readonly fail: (error: Error) => void }>();
    const held = new Set<string>();
    const described = (id: string) =>
      new Promise<void>((resolve, reject) => {
        if (held.delete(id)) coming.set(id, { come: resolve, fail: reject });
        else resolve();
      });
    const choose = (id: string) => {
      held.add(id);
      return model.choose(id);
    };
    const written: string[] = [];
    const model = createModelController({
      engine: testEngine({ catalogue, described }),
      load: {},
      modelId: null,
      savesData: false,
      chosen: { read: () => null, write: (id) => written.push(id) },
    });
    const first = choose('first');
    const second = choose('second');
    coming.get('second')?.come();
    await second;
    coming.get('first')?.come();
    await first;
    expect(model.state.value).toMatchObject({ kind: 'ready', model: { id: 'second' } });
    expect(written).toEqual(['second']);
    const late = choose('first');
    await model.openFiles([new File(['x'], 'mine.gguf')]);
    coming.get('first')?.fail(new Error('late'));
    await late;
    expect(model.state.value).toMatchObject({ kind: 'ready', model: { id: 'mine.gguf' } });
  });

  it('says what is here after a model was deleted', async () => {
    let bytes = SIZE;
    const remove = async () => {
      bytes = 0;
    };
    const model = controller({ catalogue, remove, stored: () => (bytes > 0 ? [storedModel(bytes)] : []) });
    const isHere = () => model.choices.value.find(({ id }) => id === 'first')?.isHere;
    await model.start();
    await vi.waitFor(() => expect(isHere()).toBe(true));
    await model.remove();
    await vi.waitFor(() => expect(isHere()).toBe(false));
    bytes = SIZE;
    await model.resume();
    await vi.waitFor(() => expect(isHere()).toBe(true));
    bytes = 0;
    model.noteRemoved('first');
    await vi.waitFor(() => expect(isHere()).toBe(false));
  });

  it('waits with the first download until it is counted, and gives it up when it is paused', async () => {
    const { calls, load } = heldLoad();
    let count = () => {};
    const isCounted = new Promise<void>((resolve) => {
      count = resolve;
    });
    const engine = testEngine({ load });
    const model = createModelController({ engine, load: {}, modelId: null, savesData: false, isCounted });
    const started = model.start();
    await vi.waitFor(() => expect(model.state.value.kind).toBe('arriving'));
    expect(calls).toHaveLength(0);
    model.pause();
    count();
    await started;
    expect(calls).toHaveLength(0);
    expect(model.state.value.kind).toBe('paused');
    void model.resume();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
  });
});

describe('the way of a model', () => {
  it('is fetched, loaded and ready by itself, with the options of the address', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    const started = model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ source: 'first', options: { threads: 2 } });
    expect(model.state.value).toMatchObject({ kind: 'arriving', loadedBytes: 0, totalBytes: SIZE });
    calls[0]?.options.onProgress?.(progress(40));
    expect(model.state.value).toMatchObject({ kind: 'arriving', loadedBytes: 40 });
    calls[0]?.options.onProgress?.({ type: 'load-progress', loadedBytes: 10, totalBytes: SIZE });
    expect(model.state.value).toMatchObject({ kind: 'loading', loadedBytes: 10 });
    calls[0]?.end();
    await started;
    expect(model.state.value).toMatchObject({ kind: 'ready', model: { id: 'first' } });
  });

  it('shows no download for a model that is stored', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load, stored: () => [storedModel(SIZE)] });
    void model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(model.state.value.kind).toBe('loading');
    calls[0]?.options.onProgress?.(progress(SIZE));
    expect(model.state.value.kind).toBe('loading');
    calls[0]?.options.onProgress?.(progress(70));
    expect(model.state.value).toMatchObject({ kind: 'arriving', loadedBytes: 70 });
  });

  it('begins at what an earlier visit has stored', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load, stored: () => [storedModel(60)] });
    void model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(model.state.value).toMatchObject({ kind: 'arriving', loadedBytes: 60 });
  });

  it('waits to be asked where the browser saves data', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load }, { savesData: true });
    await model.start();
    expect(model.state.value.kind).toBe('offered');
    expect(calls).toHaveLength(0);
    void model.resume();
    expect(calls).toHaveLength(1);
  });

  it('pauses, ignores what comes late, and resumes', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    const started = model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.options.onProgress?.(progress(40));
    model.pause();
    await started;
    calls[0]?.options.onProgress?.(progress(50));
    expect(calls[0]?.options.signal?.aborted).toBe(true);
    expect(model.state.value).toMatchObject({ kind: 'paused', loadedBytes: 40 });
    const resumed = model.resume();
    calls[1]?.end();
    await resumed;
    expect(model.state.value.kind).toBe('ready');
  });

  it('says why it failed and what to do, and keeps the bytes in sight', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    const started = model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.options.onProgress?.(progress(57));
    calls[0]?.fail(new SottoError('storage-full', 'No room.'));
    await started;
    expect(model.state.value).toMatchObject({
      kind: 'failed',
      loadedBytes: 57,
      failure: { code: 'storage-full', message: 'No room.', action: expect.stringContaining('Free some space') },
    });
  });

  it.each([
    ['download-failed', 2],
    ['download-stalled', 2],
    ['hash-mismatch', 1],
  ] as const)('after %s a network that is back makes for %d loads', async (code, loads) => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    const started = model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.fail(new SottoError(code, 'x'));
    await started;
    model.onNetworkBack();
    expect(calls).toHaveLength(loads);
  });

  it('tells of a retry and when', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    void model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.options.onProgress?.({ type: 'download-retry', attempt: 2, waitMs: 4000, reason: 'Lost.' });
    expect(model.state.value).toMatchObject({ kind: 'arriving', retry: { attempt: 2, waitMs: 4000, reason: 'Lost.' } });
    calls[0]?.options.onProgress?.(progress(10));
    expect(model.state.value).toMatchObject({ retry: null });
  });

  it('opens a file in place of a download that runs, and goes back', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    const started = model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const file = new File(['x'], 'mine.gguf');
    const opened = model.openFiles([file]);
    await started;
    expect(calls[0]?.options.signal?.aborted).toBe(true);
    expect(calls[1]?.source).toBe(file);
    expect(model.state.value).toMatchObject({ kind: 'loading', subject: { name: 'mine.gguf', size: 1 } });
    calls[1]?.end();
    await opened;
    expect(model.state.value).toMatchObject({ kind: 'ready', model: { id: 'mine.gguf' } });
    void model.openDefault();
    await vi.waitFor(() => expect(calls[2]?.source).toBe('first'));
  });

  it('keeps to a file that was opened while the list was on its way', async () => {
    const { calls, load } = heldLoad();
    let answer = () => {};
    const catalogue = () =>
      new Promise<{ id: string; name: string; manifest: string }[]>((resolve) => {
        answer = () => resolve([{ id: 'first', name: 'First', manifest: '' }]);
      });
    const model = controller({ load, catalogue });
    const started = model.start();
    const opened = model.openFiles([new File(['x'], 'mine.gguf')]);
    answer();
    await started;
    expect(calls).toHaveLength(1);
    expect(calls[0]?.options.signal?.aborted).toBe(false);
    calls[0]?.end();
    await opened;
    expect(model.state.value).toMatchObject({ kind: 'ready', model: { id: 'mine.gguf' } });
  });

  it('says nothing of a list that failed once a file was opened', async () => {
    const { calls, load } = heldLoad();
    const model = controller({
      load,
      catalogue: () => Promise.reject(new SottoError('download-failed', 'No answer.')),
    });
    const started = model.start();
    void model.openFiles([new File(['x'], 'mine.gguf')]);
    await started;
    expect(calls).toHaveLength(1);
    expect(model.state.value).toMatchObject({ kind: 'loading', subject: { name: 'mine.gguf' } });
  });

  it('does not pause what can no longer be paused', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    void model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.options.onProgress?.({ type: 'load-progress', loadedBytes: 10, totalBytes: SIZE });
    model.pause();
    expect(calls[0]?.options.signal?.aborted).toBe(false);
    expect(model.state.value.kind).toBe('loading');
  });

  it('says so when another tab deleted the model meanwhile', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    const started = model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.fail(abortError('The model was removed while it was being fetched.'));
    await started;
    expect(model.state.value.kind).toBe('removed');
  });

  it('deletes, and says so', async () => {
    let bytes = SIZE;
    const remove = vi.fn(async () => {
      bytes = 0;
    });
    const model = controller({ remove, stored: () => (bytes > 0 ? [storedModel(bytes)] : []) });
    await model.start();
    await model.remove();
    expect(remove).toHaveBeenCalledWith('first');
    expect(model.state.value.kind).toBe('removed');
    expect(model.stored.value).toEqual([]);
  });

  it('says so too when the running model was deleted elsewhere in the page, and no other', async () => {
    let bytes = SIZE;
    const model = controller({ stored: () => (bytes > 0 ? [storedModel(bytes)] : []) });
    await model.start();
    model.noteRemoved('second');
    expect(model.state.value.kind).toBe('ready');
    bytes = 0;
    model.noteRemoved('first');
    expect(model.state.value).toMatchObject({ kind: 'removed', subject: { name: 'Name of first' } });
    await vi.waitFor(() => expect(model.stored.value).toEqual([]));
    await model.resume();
    expect(model.state.value.kind).toBe('ready');
  });

  it('keeps a file that is read from disk when a model of the same browser is deleted', async () => {
    const model = controller({});
    await model.openFiles([new File(['x'], 'mine.gguf')]);
    model.noteRemoved('first');
    expect(model.state.value.kind).toBe('ready');
  });

  it('keeps to a file that was opened while a deletion ran', async () => {
    const { calls, load } = heldLoad();
    let end = () => {};
    const remove = () =>
      new Promise<void>((resolve) => {
        end = resolve;
      });
    const model = controller({ load, remove });
    void model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const removed = model.remove();
    void model.openFiles([new File(['x'], 'mine.gguf')]);
    end();
    await removed;
    expect(model.state.value).toMatchObject({ kind: 'loading', subject: { name: 'mine.gguf' } });
  });

  it('says when the list cannot be had, and can start again', async () => {
    let isDown = true;
    const catalogue = async () => {
      if (isDown) throw new SottoError('download-failed', 'No answer.');
      return [{ id: 'first', name: 'First', manifest: '' }];
    };
    const model = controller({ catalogue });
    await model.start();
    expect(model.state.value).toMatchObject({ kind: 'failed', subject: null, failure: { code: 'download-failed' } });
    isDown = false;
    await model.resume();
    expect(model.state.value.kind).toBe('ready');
  });

  it('refuses a model that the site does not offer', async () => {
    const model = controller({}, { modelId: 'other' });
    await model.start();
    expect(model.state.value).toMatchObject({ kind: 'failed', failure: { code: 'model-unknown' } });
  });
});

describe('the engine', () => {
  it('is the one the person asked for, and the model is loaded anew for another', async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    const asked: ModelLoadOptions[] = [];
    const load: EngineScript['load'] = async (_, options) => {
      asked.push(options);
      options.onProgress?.({ type: 'kernel-progress', doneKernels: 3, totalKernels: 15 });
      return testReadyModel('first');
    };
    const model = controller({ load }, { load: {} });
    await model.start();
    await model.useEngine({ engine: 'single-thread' });
    await model.useEngine({ engine: 'webgpu' });
    expect(asked).toMatchObject([{ backend: 'auto' }, { backend: 'cpu', threads: 1 }, { backend: 'webgpu' }]);
    expect(model.state.value.kind).toBe('ready');
    // The next visit asks for the same; an address that names an engine goes before it.
    const later = controller({ load }, { load: {} });
    await later.start();
    const named = controller({ load }, { load: { backend: 'cpu' } });
    await named.start();
    await named.useEngine({ engine: 'threads' });
    expect(asked.slice(3)).toMatchObject([{ backend: 'webgpu' }, { backend: 'cpu' }]);
    vi.unstubAllGlobals();
  });

  it('is that of the last choice for a model that is still on its way, and begins none that was deleted since', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load }, { load: {} });
    void model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    const changed = model.useEngine({ engine: 'single-thread' });
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    expect(calls[1]?.options).toMatchObject({ backend: 'cpu', threads: 1 });
    calls[1]?.end();
    await changed;
    const removed = model.useEngine({ engine: 'webgpu' });
    model.noteRemoved('first');
    await removed;
    expect([calls.length, model.state.value.kind]).toEqual([2, 'removed']);
  });

  it('runs as the person chose: less power, another cache, and a model that guesses where it is here', async () => {
    const kept = new Map([['sotto-engine', 'threads']]);
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    const asked: ModelLoadOptions[] = [];
    const load: EngineScript['load'] = async (_, options) => {
      asked.push(options);
      return testReadyModel('first');
    };
    let stored: StoredModel[] = [];
    const model = controller({ load, stored: () => stored }, { load: {} });
    await model.start();
    await model.useEngine({ power: 'saving', kvCache: 'f16', draftModel: 'second' });
    stored = [{ ...storedModel(SIZE), id: 'second' }];
    await model.useEngine({ power: 'full' });
    await model.useEngine({ draftModel: 'first' });
    const options = asked.map(({ signal: _, onProgress: __, ...rest }) => rest);
    expect(options).toEqual([
      { backend: 'cpu' },
      { backend: 'cpu', power: 'saving', kvCache: 'f16' },
      { backend: 'cpu', kvCache: 'f16', draftModel: 'second' },
      { backend: 'cpu', kvCache: 'f16' },
    ]);
    vi.unstubAllGlobals();
  });

  it('tells how many kernels are compiled, between the bytes it reads', async () => {
    const { calls, load } = heldLoad();
    const model = controller({ load });
    const started = model.start();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    calls[0]?.options.onProgress?.({ type: 'kernel-progress', doneKernels: 3, totalKernels: 15 });
    calls[0]?.options.onProgress?.({ type: 'load-progress', loadedBytes: 10, totalBytes: SIZE });
    expect(model.state.value).toMatchObject({ kind: 'loading', loadedBytes: 10, kernels: { done: 3, total: 15 } });
    calls[0]?.end();
    await started;
  });
});
