/**
 * What a buffer may be used for (source: WebGPU specification, 5.1 GPUBuffer usages). The platform's own names for these
 * bits are globals that threads without WebGPU lack.
 */
export const BUFFER_USAGE = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

/** The bit of `GPUMapMode.READ`. */
export const MAP_READ = 0x0001;
