export type { ComparedCase, FlowCase, FlowComparison, FlowScore } from './compare-flows.ts';
export { type ExpertComparison, Experts } from './experts.ts';
export type { EdgeOptions, FlowBuilder, FlowHead, NodeOptions } from './flow-builder.ts';
export { Flows } from './flows.ts';
export { JobRunner, type TaskOptions } from './job-runner.ts';
export { OnnxModelsClient } from './onnx-models.ts';
export type { TableResult, TaskTable } from './task-table.ts';
export type * from './task-types.ts';
export { Tasks } from './tasks.ts';
