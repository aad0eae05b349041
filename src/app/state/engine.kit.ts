import type {
  ChatCompletionChunk,
  ChatCompletionRequest,
  ModelLoadOptions,
  ModelManifest,
  ReadyModel,
  StoredModel,
} from '../../client/index.ts';
import type { Engine } from '../engine.ts';

/** For tests: a manifest of the given size. */
export function testManifest(id: string, size: number): ModelManifest {
  return {
    manifestVersion: 1,
    id,
    name: `Name of ${id}`,
    architecture: 'llama',
    parameters: 1,
    quantisation: 'Q4_1',
    licence: { id: 'Apache-2.0', file: 'LICENSE' },
    source: '',
    file: { path: 'model.gguf', size, sha256: '', chunkBytes: size, chunks: [] },
    contextLength: 64,
    chatTemplateSha256: '',
    memoryBytes: 1,
    defaults: { systemPrompt: '', temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, maxTokens: 8 },
  };
}

export function testReadyModel(id: string): ReadyModel {
  return {
    id,
    name: id,
    architecture: 'llama',
    quantisation: 'Q4_1',
    fileBytes: 1,
    parameters: 1,
    contextLength: 64,
    vocabularySize: 1,
    backend: 'cpu',
    backendDescription: '',
    threads: 1,
    memoryBytes: 1,
    requantised: [],
    loadMs: 1,
    chatTemplate: null,
    chatTemplateSource: 'none',
    namedChatTemplates: {},
    bosToken: '',
    eosToken: '',
    specialTokens: [],
  };
}

/** What a test decides of the engine; the rest behaves like a site with one model that is not stored. */
export interface EngineScript {
  readonly stored?: () => readonly StoredModel[];
  readonly load?: (source: string | File, options: ModelLoadOptions) => Promise<ReadyModel>;
  readonly remove?: (id: string) => Promise<void>;
  readonly catalogue?: () => Promise<readonly { id: string; name: string; manifest: string }[]>;
  /** Settles before a manifest comes. */
  readonly described?: (id: string) => Promise<void>;
  readonly retrieval?: Engine['retrieval'];
  readonly embeddings?: Engine['embeddings'];
  readonly sessions?: Engine['sessions'];
  readonly loadAdapter?: (name: string, given: string | Blob) => Promise<readonly string[]>;
  readonly answer?: (request: ChatCompletionRequest, signal: AbortSignal) => AsyncIterable<ChatCompletionChunk>;
}

export const SIZE = 100;

/** For tests: an engine that does what the script says. */
export function testEngine(script: EngineScript): Engine {
  return {
    on: () => () => {},
    background: 'continue',
    models: {
      catalogue: script.catalogue ?? (async () => [{ id: 'first', name: 'First', manifest: '' }]),
      manifest: async (id) => {
        await script.described?.(id);
        return testManifest(id, SIZE);
      },
      stored: async () => script.stored?.() ?? [],
      load: async (given, options = {}) => {
        const source = typeof given === 'string' || given instanceof Blob ? given : given[0]!;
        return script.load?.(source, options) ?? testReadyModel(typeof source === 'string' ? source : source.name);
      },
      loadAdapter: script.loadAdapter ?? (async (name) => [name]),
      delete: async (id) => {
        await script.remove?.(id);
        return { id, object: 'model', deleted: true };
      },
    },
    dispose: () => {},
    sessions: script.sessions ?? {
      save: async () => Promise.reject(new Error('no sessions in the script')),
      list: async () => [],
      delete: async () => {},
    },
    completions: { create: async () => Promise.reject(new Error('no completion in the script')) },
    embeddings: script.embeddings ?? {
      load: async () => Promise.reject(new Error('no encoder in the script')),
      vectors: async () => Promise.reject(new Error('no encoder in the script')),
    },
    retrieval: script.retrieval ?? {
      generation: 0,
      read: async () => Promise.reject(new Error('no documents in the script')),
      put: async () => {},
      remove: async () => {},
      search: async () => ({ hits: [], considered: 0 }),
    },
    chat: {
      completions: {
        create: async (request, { signal }) => {
          if (script.answer === undefined) throw new Error('no answer in the script');
          return script.answer(request, signal);
        },
        countTokens: async () => Promise.reject(new Error('no counting in the script')),
      },
    },
  };
}
