import { type EmbeddingPort, exposePort } from '../src/protocol/index.ts';
import { chooseThreadCount } from '../src/runtime/backends/cpu/index.ts';
import { createEncoder } from '../src/runtime/backends/create-encoder.ts';
import { EmbeddingService } from '../src/runtime/embedding/index.ts';
import { FileByteSource } from '../src/runtime/generation/index.ts';
import { trustedScriptUrl } from '../src/shared/index.ts';
import { engineChoices } from '../src/storage/engine-choices/index.ts';
import { openStoredModel, openWeightStore } from '../src/storage/weights/index.ts';
import computeUrl from './compute.worker.ts?worker&url';

const encoderTools = {
  createThread: (name: string) => new Worker(trustedScriptUrl(computeUrl), { type: 'module', name }),
  threads: chooseThreadCount(navigator.hardwareConcurrency, self.crossOriginIsolated),
  memory: engineChoices(),
};

exposePort<EmbeddingPort>(
  new EmbeddingService({
    open: async (source) =>
      source.kind === 'file'
        ? new FileByteSource(source.file, source.name)
        : openStoredModel(await openWeightStore(), source.modelId),
    createEncoder: (request) => createEncoder(request, encoderTools),
    // An uncaught error is what the owner sees of a worker's death.
    onEngineLost: (error) => {
      setTimeout(() => {
        throw error;
      });
    },
  }),
);
