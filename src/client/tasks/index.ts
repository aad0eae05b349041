export type { ComparedCase, FlowCase, FlowComparison, FlowScore } from './compare-flows.ts';
export type { ExpertComparison, Experts } from './experts.ts';
export type { EdgeOptions, FlowBuilder, FlowHead, NodeOptions } from './flow-builder.ts';
export type { Flows } from './flows.ts';
export type { TaskOptions } from './job-runner.ts';
export { type LazyTasks, lazyTasks } from './lazy-tasks.ts';
export type { TableResult, TaskTable } from './task-table.ts';
export type * from './task-types.ts';
