export { checkExternalData } from './check-external-data.ts';
export { readOnnx } from './read-onnx.ts';
export type * from './types.ts';
