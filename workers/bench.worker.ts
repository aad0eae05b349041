import { type BenchPort, exposePort } from '../src/protocol/index.ts';
import { chooseThreadCount } from '../src/runtime/backends/cpu/index.ts';
import { createBackend } from '../src/runtime/backends/create-backend.ts';
import { BenchService } from '../src/runtime/bench/index.ts';
import { trustedScriptUrl } from '../src/shared/index.ts';
import { engineChoices } from '../src/storage/engine-choices/index.ts';
import { openStoredModel, openWeightStore } from '../src/storage/weights/index.ts';
import computeUrl from './compute.worker.ts?worker&url';

const engineTools = {
  createThread: (name: string) => new Worker(trustedScriptUrl(computeUrl), { type: 'module', name }),
  threads: chooseThreadCount(navigator.hardwareConcurrency, self.crossOriginIsolated),
  memory: engineChoices(),
  wantsTimestamps: true,
};

exposePort<BenchPort>(
  new BenchService({
    openStored: async (modelId) => openStoredModel(await openWeightStore(), modelId),
    createBackend: (request) => createBackend(request, engineTools),
  }),
);
