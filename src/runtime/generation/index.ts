export { FileByteSource } from './file-byte-source.ts';
export { InferenceService, type InferenceServiceOptions } from './inference-service.ts';
