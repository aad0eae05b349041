export { readSafetensors } from './read-safetensors.ts';
export type { SafetensorsFile, SafetensorsTensor, SafetensorsType } from './types.ts';
