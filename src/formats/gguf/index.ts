export { type GgmlTypeLayout, ggmlTypeByName } from './ggml-types.ts';
export { readGguf } from './read-gguf.ts';
export { isGguf, recogniseOtherFormat } from './signature.ts';
export type { GgmlTypeName, GgufFile, GgufTensor, GgufValue } from './types.ts';
export { byteLengthOf, type GgufField, ggufHeader, type PlannedTensor, paddingAfter } from './write-gguf.ts';
