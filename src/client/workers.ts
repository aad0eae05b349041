import downloadUrl from '../../workers/download.worker.ts?worker&url';
import inferenceUrl from '../../workers/inference.worker.ts?worker&url';
import sandboxUrl from '../../workers/sandbox.worker.ts?worker&url';
import tasksUrl from '../../workers/tasks.worker.ts?worker&url';
import type { DownloadPort, InferencePort, SandboxPort, TasksPort } from '../protocol/index.ts';
import { type SottoError, trustedScriptUrl } from '../shared/index.ts';
import { SupervisedWorker } from './supervised-worker.ts';

/** The threads behind one `Sotto`; each is made when it is first needed. */
export interface Workers {
  readonly inference: SupervisedWorker<InferencePort>;
  readonly download: SupervisedWorker<DownloadPort>;
  readonly sandbox: SupervisedWorker<SandboxPort>;
  readonly tasks: SupervisedWorker<TasksPort>;
}

export type WorkerName = keyof Workers;

export function createWorkers(onLost: (worker: WorkerName, error: SottoError) => void): Workers {
  const supervised = (worker: WorkerName, url: string) => ({
    name: worker,
    create: (name: string) => new Worker(trustedScriptUrl(url), { type: 'module', name }),
    onLost: (error: SottoError) => onLost(worker, error),
  });
  return {
    inference: new SupervisedWorker<InferencePort>(supervised('inference', inferenceUrl)),
    download: new SupervisedWorker<DownloadPort>(supervised('download', downloadUrl)),
    sandbox: new SupervisedWorker<SandboxPort>(supervised('sandbox', sandboxUrl)),
    tasks: new SupervisedWorker<TasksPort>(supervised('tasks', tasksUrl)),
  };
}
