export { checkExternalData } from './check-external-data.ts';
export { chooseGraphFiles, isGraphOrWeights, type OnnxPrecision, onnxPath } from './graph-files.ts';
export { readOnnx } from './read-onnx.ts';
export type * from './types.ts';
