export { type LoadedPipeline, OnnxModels } from './onnx-models.ts';
export { openModelFiles } from './open-model-files.ts';
