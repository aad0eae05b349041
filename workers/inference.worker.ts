import { exposePort, type InferencePort } from '../src/protocol/index.ts';
import { chooseThreadCount, createCpuBackend } from '../src/runtime/backends/cpu/index.ts';
import { InferenceService } from '../src/runtime/generation/index.ts';
import { trustedScriptUrl } from '../src/shared/index.ts';
import { openSnapshotStore } from '../src/storage/snapshots/index.ts';
import { openStoredModel, openWeightStore } from '../src/storage/weights/index.ts';
import computeUrl from './compute.worker.ts?worker&url';

const createThread = (name: string) => new Worker(trustedScriptUrl(computeUrl), { type: 'module', name });

exposePort<InferencePort>(
  new InferenceService({
    openStored: async (modelId) => openStoredModel(await openWeightStore(), modelId),
    createBackend: async ({ backend, threads, ...request }) => {
      if (backend === 'webgpu') {
        // Who runs on the CPU does not load the other engine.
        const { createWebGpuBackend } = await import('../src/runtime/backends/webgpu/index.ts');
        return createWebGpuBackend(request);
      }
      return createCpuBackend({
        ...request,
        threads: threads ?? chooseThreadCount(navigator.hardwareConcurrency, self.crossOriginIsolated),
        createThread,
      });
    },
    openSnapshots: openSnapshotStore,
    // An uncaught error is what the owner sees of a worker's death.
    onEngineLost: (error) => {
      setTimeout(() => {
        throw error;
      });
    },
  }),
);
