import { openAsBlob, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Envelope, GenerateRequest, LoadEvent, ModelSource } from '../../protocol/index.ts';
import { type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import { openModelFile } from '../text/testing/model-file.ts';
import type { BackendRequest } from './backend-request.ts';
import { InferenceService } from './inference-service.ts';
import { GREEDY } from './testing/greedy.ts';
import { always, ScriptedBackend } from './testing/scripted-backend.ts';

const STORED: ModelSource = { kind: 'stored', modelId: 'smollm2' };
const A = 49;

let file: ByteSource & AsyncDisposable;
let backends: ScriptedBackend[];
let requests: BackendRequest[];
/** What the engine does while it loads. */
let whileLoading: (request: BackendRequest) => Promise<void>;
let service: InferenceService;
let lost: SottoError[];

beforeEach(async () => {
  file = await openModelFile();
  backends = [];
  requests = [];
  lost = [];
  whileLoading = async ({ onProgress }) => onProgress(1, 2);
  service = new InferenceService({
    openStored: (modelId) =>
      modelId === 'smollm2'
        ? Promise.resolve(file)
        : Promise.reject(new SottoError('model-unknown', `"${modelId}" is not stored.`)),
    createBackend: async (request) => {
      requests.push(request);
      await whileLoading(request);
      const { contextLength, spec } = request;
      const backend = new ScriptedBackend(
        always(() => A),
        { contextLength, vocabularySize: spec.vocabularySize },
      );
      backends.push(backend);
      return backend;
    },
    onEngineLost: (error) => lost.push(error),
  });
});

afterEach(() => file[Symbol.asyncDispose]());

function request(callId: string, prompt: string, maxTokens = 5): GenerateRequest {
  return {
    callId,
    prompt: [{ kind: 'text', text: prompt }],
    maxTokens,
    stop: [],
    sampling: { ...GREEDY, seed: 0 },
  };
}

function value<T>(envelope: Envelope<T>): T {
  if (!envelope.ok) throw new Error(JSON.stringify(envelope.error));
  return envelope.value;
}

const failure = (code: string) => ({ ok: false, error: expect.objectContaining({ code }) });
const aborted = { ok: false, error: expect.objectContaining({ kind: 'abort' }) };
const quiet = () => {};

describe('load', () => {
  it('describes the model and tells of its progress', async () => {
    const events: LoadEvent[] = [];
    const model = value(await service.load('1', STORED, {}, (event) => events.push(event)));
    expect(model).toMatchObject({
      name: 'Smollm2 135M 8k Lc100K Mix1 Ep2',
      architecture: 'llama',
      quantisation: 'Q4_1',
      fileBytes: 98_362_432,
      parameters: 134_515_008,
      contextLength: 4_096,
      vocabularySize: 49_152,
      backend: 'cpu',
      backendDescription: 'scripted',
      bosToken: '<|im_start|>',
      eosToken: '<|im_end|>',
    });
    expect(model.chatTemplate).toContain('add_generation_prompt');
    expect(model.specialTokens).toHaveLength(17);
    expect(events).toEqual([{ type: 'load-progress', loadedBytes: 1, totalBytes: 2 }]);
    expect(structuredClone(model)).toEqual(model);
  });

  it('passes context length and threads on', async () => {
    await service.load('1', STORED, { contextLength: 100, threads: 3 }, quiet);
    await service.load('2', STORED, { backend: 'webgpu' }, quiet);
    expect(requests.map(({ backend, contextLength, threads }) => [backend, contextLength, threads])).toEqual([
      ['auto', 100, 3],
      ['webgpu', 4_096, undefined],
    ]);
  });

  it('disposes of the model before', async () => {
    await service.load('1', STORED, {}, quiet);
    await service.load('2', STORED, {}, quiet);
    expect(backends.map(({ isDisposed }) => isDisposed)).toEqual([true, false]);
  });

  it('says why an option or a file is refused', async () => {
    const unknown = { backend: 'npu' as 'cpu' };
    expect(await service.load('1', STORED, unknown, quiet)).toMatchObject(failure('invalid-option'));
    expect(await service.load('2', STORED, { threads: 0 }, quiet)).toMatchObject(failure('invalid-option'));
    expect(await service.load('3', STORED, { contextLength: 1.5 }, quiet)).toMatchObject(failure('invalid-option'));
    const other: ModelSource = { kind: 'stored', modelId: 'other' };
    expect(await service.load('4', other, {}, quiet)).toMatchObject(failure('model-unknown'));
    const page: ModelSource = { kind: 'file', file: new Blob(['<!doctype html><p>Sign in']), name: 'x.gguf' };
    expect(await service.load('5', page, {}, quiet)).toMatchObject(failure('gguf-invalid'));
    expect(requests).toHaveLength(0);
  });

  it('names a file that can no longer be read', async () => {
    const gone = new Blob(['GGUF and more than four bytes']);
    gone.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('', 'NotReadableError')) }) as Blob;
    const envelope = await service.load('1', { kind: 'file', file: gone, name: 'my.gguf' }, {}, quiet);
    expect(envelope).toMatchObject(failure('model-unknown'));
    expect(envelope).toMatchObject({ error: { message: expect.stringContaining('my.gguf') } });
  });

  it('can be aborted, and then the next load works', async () => {
    whileLoading = async ({ signal }) => {
      service.abort('1');
      throwIfAborted(signal);
    };
    expect(await service.load('1', STORED, {}, quiet)).toMatchObject(aborted);
    expect(await service.generate(request('2', 'x'), quiet)).toMatchObject(failure('model-not-loaded'));
    whileLoading = async () => {};
    expect((await service.load('3', STORED, {}, quiet)).ok).toBe(true);
  });

  it('survives a listener that throws on its side of the border', async () => {
    const far = (() => Promise.reject(new Error('the page is gone'))) as unknown as () => void;
    expect((await service.load('1', STORED, {}, far)).ok).toBe(true);
  });
});

describe('calls', () => {
  it('need a model', async () => {
    expect(await service.generate(request('1', 'x'), quiet)).toMatchObject(failure('model-not-loaded'));
    expect(await service.countTokens([])).toMatchObject(failure('model-not-loaded'));
  });

  it('run in the order they came, one at a time', async () => {
    await service.load('load', STORED, {}, quiet);
    const ended: string[] = [];
    const call = async (id: string) => {
      const result = await service.generate(request(id, `prompt ${id}`), quiet);
      ended.push(id);
      return value(result).tokenIds;
    };
    const results = await Promise.all([call('a'), call('b'), call('c')]);
    expect(ended).toEqual(['a', 'b', 'c']);
    expect(results).toEqual([Array(5).fill(A), Array(5).fill(A), Array(5).fill(A)]);
  });

  it('go on after one that failed', async () => {
    await service.load('load', STORED, { contextLength: 8 }, quiet);
    const [long, good] = await Promise.all([
      service.generate(request('a', 'word '.repeat(50)), quiet),
      service.generate(request('b', 'hi', 1), quiet),
    ]);
    expect(long).toMatchObject(failure('prompt-too-long'));
    expect(good.ok).toBe(true);
  });

  it.each(['worker-lost', 'device-lost'] as const)('tell when the engine is lost, and only then: %s', async (code) => {
    await service.load('load', STORED, { contextLength: 8 }, quiet);
    await service.generate(request('a', 'word '.repeat(50)), quiet);
    expect(lost).toEqual([]);
    const error = new SottoError(code, 'It was lost.');
    backends[0]!.onChunk = () => {
      throw error;
    };
    expect(await service.generate(request('b', 'hi'), quiet)).toMatchObject(failure(code));
    expect(lost).toEqual([error]);
  });

  it('are aborted by their own name, while they run and while they wait', async () => {
    await service.load('load', STORED, {}, quiet);
    let started: () => void = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const first = service.generate(request('a', 'x', 2_000), (event) => event.type === 'text-delta' && started());
    const second = service.generate(request('b', 'x'), quiet);
    const third = service.generate(request('c', 'x'), quiet);
    await running;
    service.abort('b');
    service.abort('unknown');
    // The one that waits leaves at once, though the first still runs.
    expect(value(await second)).toMatchObject({ finishReason: 'abort', text: '', tokenIds: [] });
    service.abort('a');
    expect(value(await first)).toMatchObject({ finishReason: 'abort' });
    expect(value(await first).tokenIds.length).toBeGreaterThan(0);
    expect(value(await third)).toMatchObject({ finishReason: 'length' });
  });

  it('may not share a name', async () => {
    await service.load('load', STORED, {}, quiet);
    const first = service.generate(request('a', 'x'), quiet);
    expect(await service.generate(request('a', 'x'), quiet)).toMatchObject(failure('invalid-option'));
    expect((await first).ok).toBe(true);
  });

  it('count tokens while another one writes', async () => {
    await service.load('load', STORED, {}, quiet);
    const running = service.generate(request('a', 'x', 200), quiet);
    expect(await service.countTokens([{ kind: 'template', text: '<|im_start|>user\n' }])).toEqual({
      ok: true,
      value: 3,
    });
    service.abort('a');
    await running;
  });
});

describe('unload', () => {
  it('ends everything and gives the engine back', async () => {
    await service.load('load', STORED, {}, quiet);
    const running = service.generate(request('a', 'x', 2_000), quiet);
    const waiting = service.generate(request('b', 'x', 2_000), quiet);
    expect(await service.unload()).toEqual({ ok: true, value: null });
    expect(value(await running).finishReason).toBe('abort');
    expect(value(await waiting).finishReason).toBe('abort');
    expect(backends[0]?.isDisposed).toBe(true);
    expect(await service.generate(request('c', 'x'), quiet)).toMatchObject(failure('model-not-loaded'));
  });

  it('lets a load that came after it go on', async () => {
    await service.load('load', STORED, {}, quiet);
    const running = service.generate(request('a', 'x', 2_000), quiet);
    const unloading = service.unload();
    const loading = service.load('again', STORED, {}, quiet);
    await Promise.all([running, unloading]);
    expect((await loading).ok).toBe(true);
    expect((await service.generate(request('b', 'x'), quiet)).ok).toBe(true);
  });

  it('is no error without a model', async () => {
    expect(await service.unload()).toEqual({ ok: true, value: null });
  });
});

describe('a draft model', () => {
  const minilm = 'models/all-minilm-l6-v2';

  it('of the same vocabulary guesses on the processor, and leaves with its model', async () => {
    value(await service.load('a', STORED, { draft: STORED, contextLength: 64 }, quiet));
    expect(requests.map(({ backend, threads }) => [backend, threads])).toEqual([
      ['auto', undefined],
      ['cpu', 1],
    ]);
    const result = value(await service.generate(request('b', 'hello', 20), quiet));
    expect(result.tokenIds).toEqual(Array.from({ length: 20 }, () => A));
    expect(backends[1]?.contextLength).toBe(64);
    await service.unload();
    expect(backends.map(({ isDisposed }) => isDisposed)).toEqual([true, true]);
  });

  it('of another vocabulary is refused before any weights are read', async () => {
    const name = readdirSync(minilm).find((entry) => entry.endsWith('.gguf')) ?? '';
    const draft: ModelSource = { kind: 'file', file: await openAsBlob(`${minilm}/${name}`), name };
    const answer = await service.load('a', STORED, { draft }, quiet);
    expect(answer).toMatchObject(failure('invalid-option'));
    expect(requests).toEqual([]);
  });
});

describe('load options', () => {
  it.each([
    ['power', 'turbo'],
    ['kvCache', 'q4'],
  ])('refuse %s: %s by name', async (option, given) => {
    const answer = await service.load('a', STORED, { [option]: given } as never, quiet);
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid-option', details: { option } } });
  });
});
