export { createWebGpuBackend, type WebGpuBackendOptions } from './create-webgpu-backend.ts';
export type { GpuEntry } from './gpu-device.ts';
