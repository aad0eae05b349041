export { type ExpertComparison, Experts } from './experts.ts';
export { Flows } from './flows.ts';
export { JobRunner, type TaskOptions } from './job-runner.ts';
export { OnnxModelsClient } from './onnx-models.ts';
export { type Classified, type Entity, Tasks } from './tasks.ts';
