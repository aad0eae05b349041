import type { DeviceFacts } from './plan-model.ts';

const GIB = 2 ** 30;

/** What this browser tells of its device; asks for nothing that shows a question. */
export async function readDevice(): Promise<DeviceFacts> {
  const { deviceMemory, gpu } = navigator as Navigator & { readonly deviceMemory?: number };
  const [estimate, adapter] = await Promise.all([
    navigator.storage?.estimate?.().catch(() => undefined),
    gpu?.requestAdapter().catch(() => null),
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
