export { onDevice } from './device.ts';
export { type CheckedModel, checkModel, type ModelFiles } from './model-files.ts';
export { type LoadedPipeline, OnnxModels } from './onnx-models.ts';
export { openModelFiles } from './open-model-files.ts';
export {
  loadTransformers,
  sessionOptions,
  type TransformersLibrary,
  threadCount,
  useThreads,
  withOfferedFiles,
} from './transformers-library.ts';
