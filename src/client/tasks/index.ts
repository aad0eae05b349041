export { OnnxModelsClient, type TaskOptions } from './onnx-models.ts';
