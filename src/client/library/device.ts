import type { DeviceFacts } from './plan-model.ts';

const GIB = 2 ** 30;

let asking: Promise<GPUAdapter | null> | undefined;

/** One question for all who ask meanwhile: a list of models asks for each, and a browser without an adapter warns each time. */
function adapterOf(gpu: GPU): Promise<GPUAdapter | null> {
  asking ??= gpu
    .requestAdapter()
    .catch(() => null)
    .finally(() => {
      asking = undefined;
    });
  return asking;
}

/** What this browser tells of its device; asks for nothing that shows a question. */
export async function readDevice(): Promise<DeviceFacts> {
  const { deviceMemory, gpu } = navigator as Navigator & { readonly deviceMemory?: number };
  const [estimate, adapter] = await Promise.all([
    navigator.storage?.estimate?.().catch(() => undefined),
    gpu && adapterOf(gpu),
  ]);
  const { quota, usage } = estimate ?? {};
  const isSoftware = adapter?.info?.isFallbackAdapter === true;
  return {
    memoryBytes: deviceMemory === undefined ? null : deviceMemory * GIB,
    threads: navigator.hardwareConcurrency,
    gpuBufferBytes: adapter && !isSoftware ? adapter.limits.maxStorageBufferBindingSize : null,
    freeBytes: quota === undefined || usage === undefined ? null : Math.max(0, quota - usage),
  };
}
