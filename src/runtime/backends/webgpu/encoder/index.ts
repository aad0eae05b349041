export { createWebGpuEncoder, type WebGpuEncoderOptions } from './create-webgpu-encoder.ts';
