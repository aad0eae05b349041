export { type CpuEncoderOptions, createCpuEncoder } from './create-cpu-encoder.ts';
