import type { Workers } from '../workers.ts';
import { Experts } from './experts.ts';
import { Flows } from './flows.ts';
import { JobRunner } from './job-runner.ts';
import { OnnxModelsClient } from './onnx-models.ts';
import type { TaskHelpers } from './task-helpers.ts';
import { Tasks } from './tasks.ts';

/** All that runs in the tasks worker, by its names; they share one runner. */
export class TaskParts {
  readonly tasks: Tasks;
  readonly experts: Experts;
  readonly flows: Flows;
  readonly onnx: OnnxModelsClient;

  constructor(workers: Workers, helpers: TaskHelpers) {
    const jobs = new JobRunner(workers, helpers);
    this.tasks = new Tasks(jobs);
    this.experts = new Experts(jobs);
    this.flows = new Flows(jobs);
    this.onnx = new OnnxModelsClient(workers, jobs);
  }
}
