export { describeTypeId, type GgmlTypeLayout, ggmlTypeById, ggmlTypeByName, ggmlTypes } from './ggml-types.ts';
export { GGUF_LIMITS } from './limits.ts';
export { readGguf } from './read-gguf.ts';
export { isGguf, recogniseOtherFormat } from './signature.ts';
export type { GgmlTypeName, GgufFile, GgufTensor, GgufValue } from './types.ts';
