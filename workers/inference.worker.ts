import { exposePort, type InferencePort } from '../src/protocol/index.ts';
import { chooseThreadCount } from '../src/runtime/backends/cpu/index.ts';
import { createBackend } from '../src/runtime/backends/create-backend.ts';
import { InferenceService } from '../src/runtime/generation/index.ts';
import { trustedScriptUrl } from '../src/shared/index.ts';
import { engineChoices, threadCounts } from '../src/storage/engine-choices/index.ts';
import { openSnapshotStore } from '../src/storage/snapshots/index.ts';
import { openStoredModel, openWeightStore } from '../src/storage/weights/index.ts';
import computeUrl from './compute.worker.ts?worker&url';

const engineTools = {
  createThread: (name: string) => new Worker(trustedScriptUrl(computeUrl), { type: 'module', name }),
  threads: chooseThreadCount(navigator.hardwareConcurrency, self.crossOriginIsolated),
  memory: engineChoices(),
  threadMemory: threadCounts(),
};

exposePort<InferencePort>(
  new InferenceService({
    openStored: async (modelId) => openStoredModel(await openWeightStore(), modelId),
    createBackend: (request) => createBackend(request, engineTools),
    loadOnnx: async (request) => (await import('../src/runtime/onnx-decoders/index.ts')).loadOnnxDecoder(request),
    // What a model has read is the person's own: under the vault like everything else.
    openSnapshots: async () => {
      const { threadCodec } = await import('../src/storage/vault/index.ts');
      return openSnapshotStore({ codec: threadCodec() });
    },
    // An uncaught error is what the owner sees of a worker's death.
    onEngineLost: (error) => {
      setTimeout(() => {
        throw error;
      });
    },
  }),
);
