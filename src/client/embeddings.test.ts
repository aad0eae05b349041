import { expect, it } from 'vitest';
import type { EmbedResult, EncoderEngine, LoadedEncoder } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import { Embeddings } from './embeddings.ts';
import type { Workers } from './workers.ts';

const CPU: EncoderEngine = {
  backend: 'cpu',
  backendDescription: 'WebAssembly',
  engineReason: 'little-work',
  threads: 2,
  memoryBytes: 60_000_000,
};
const GPU: EncoderEngine = {
  backend: 'webgpu',
  backendDescription: 'WebGPU',
  engineReason: 'gpu-faster',
  engineTrial: { cpuMs: 40, gpuMs: 1 },
  threads: 1,
  memoryBytes: 90_000_000,
};
const ENCODER: LoadedEncoder = {
  ...CPU,
  name: 'Tiny',
  architecture: 'bert',
  fileBytes: 1,
  parameters: 1,
  dimensions: 1,
  contextLength: 8,
  loadMs: 1,
};

/** Threads that answer at once; `moves`: the encoder moves to the GPU in its first call. */
function stage({ moves = false } = {}) {
  const loads: unknown[] = [];
  let isLoaded = false;
  let hasMoved = false;
  const port = {
    load: (_: string, { modelId }: { readonly modelId: string }, options: object) => {
      isLoaded = modelId !== 'no-encoder';
      if (!isLoaded) throw new SottoError('model-unsupported', 'That is no encoder.');
      loads.push(options);
      return ENCODER;
    },
    embed: ({ texts }: { readonly texts: readonly string[] }): EmbedResult => {
      if (!isLoaded) throw new SottoError('model-not-loaded', 'No encoder is loaded.');
      const isNews = moves && !hasMoved;
      hasMoved = true;
      return { vectors: new Float32Array(texts.length), dimensions: 1, tokens: 3, ...(isNews ? { engine: GPU } : {}) };
    },
  };
  const embedding = {
    isRunning: true,
    incarnation: 1,
    call: async (work: (of: object) => unknown) => work({ port, callId: 'a' }),
  };
  const download = { call: async () => ({ medium: 'idb', name: 'tiny' }) };
  return { embeddings: new Embeddings({ embedding, download } as unknown as Workers), loads };
}

it('says which engine runs the encoder, also after it has moved', async () => {
  const { embeddings } = stage({ moves: true });
  expect(await embeddings.load('tiny')).toMatchObject({ id: 'tiny', ...CPU });
  await embeddings.vectors(['a', 'b'], { model: 'tiny' });
  expect(embeddings.loaded).toEqual({ ...ENCODER, ...GPU, id: 'tiny' });
  await embeddings.create({ model: 'tiny', input: 'a' });
  expect(embeddings.loaded).toMatchObject(GPU);
});

it('loads again where another engine is asked for, and only then', async () => {
  const { embeddings, loads } = stage();
  await embeddings.load('tiny');
  await embeddings.load('tiny', {});
  await embeddings.load('tiny', { backend: 'webgpu' });
  await embeddings.load('tiny', { backend: 'webgpu' });
  await embeddings.load('tiny', { backend: 'cpu', threads: 1 });
  expect(loads).toEqual([{}, { backend: 'webgpu' }, { backend: 'cpu', threads: 1 }]);
});

it('loads the encoder before again where another could not be loaded in its place', async () => {
  const { embeddings, loads } = stage();
  await embeddings.create({ model: 'tiny', input: 'a' });
  await expect(embeddings.create({ model: 'no-encoder', input: 'a' })).rejects.toMatchObject({
    code: 'model-unsupported',
  });
  expect(embeddings.loaded).toBeNull();
  expect(await embeddings.create({ input: 'a' })).toMatchObject({ model: 'tiny' });
  expect(loads).toHaveLength(2);
});

it('refuses an engine that it does not know', async () => {
  const { embeddings, loads } = stage();
  for (const backend of ['wasm', null, 'GPU']) {
    await expect(embeddings.load('tiny', { backend } as unknown as { backend: 'cpu' })).rejects.toMatchObject({
      code: 'invalid-option',
      details: { option: 'backend' },
    });
  }
  expect(loads).toEqual([]);
});
