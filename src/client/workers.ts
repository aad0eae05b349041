import downloadUrl from '../../workers/download.worker.ts?worker&url';
import embeddingUrl from '../../workers/embedding.worker.ts?worker&url';
import inferenceUrl from '../../workers/inference.worker.ts?worker&url';
import ingestUrl from '../../workers/ingest.worker.ts?worker&url';
import sandboxUrl from '../../workers/sandbox.worker.ts?worker&url';
import tasksUrl from '../../workers/tasks.worker.ts?worker&url';
import type { Feature } from '../policy/index.ts';
import type {
  DocumentsPort,
  DownloadPort,
  EmbeddingPort,
  InferencePort,
  SandboxPort,
  TasksPort,
} from '../protocol/index.ts';
import { type SottoError, trustedScriptUrl } from '../shared/index.ts';
import { Background } from './background.ts';
import { SharedEngine } from './shared-engine/index.ts';
import { type PortWithHello, SupervisedWorker } from './supervised-worker.ts';

/** The threads behind one `Sotto`; each is made when it is first needed. */
export interface Workers {
  /** In this tab or in another one of this origin. */
  readonly inference: SharedEngine;
  readonly download: SupervisedWorker<DownloadPort>;
  readonly sandbox: SupervisedWorker<SandboxPort>;
  readonly ingest: SupervisedWorker<DocumentsPort>;
  readonly tasks: SupervisedWorker<TasksPort>;
  readonly embedding: SupervisedWorker<EmbeddingPort>;
  readonly onEngineRenewed: (event: EngineRenewedEvent) => void;
  readonly background: Background;
  /** A thread for one piece of work; whoever makes it stops it. */
  readonly supervise: <Port extends PortWithHello>(worker: 'conversion', url: string) => SupervisedWorker<Port>;
  /** Rejects with `blocked-by-policy` where the site's policy has switched this off. */
  readonly permit: (what: Feature | 'file') => Promise<unknown>;
}

/** Told to listeners of `engine-renewed`: an answer goes on although its engine was lost, on an engine of this kind. */
export interface EngineRenewedEvent {
  readonly backend: 'cpu' | 'webgpu';
}

export type WorkerName =
  | Exclude<keyof Workers, 'onEngineRenewed' | 'background' | 'supervise' | 'permit'>
  | 'conversion';

/**
 * @param runtime Address of the folder that holds `assets/` with the threads, and `models/`; undefined: where the
 *   library itself was loaded from. Bundlers move the library, and then only its user knows where the rest lies.
 */
export function createWorkers(
  onLost: (worker: WorkerName, error: SottoError) => void,
  onEngineRenewed: (event: EngineRenewedEvent) => void,
  runtime: string | undefined,
): Workers {
  const supervised = (worker: WorkerName, url: string) => ({
    name: worker,
    create: (name: string) => new Worker(trustedScriptUrl(addressOf(url, runtime)), { type: 'module', name }),
    onLost: (error: SottoError) => onLost(worker, error),
  });
  const download = new SupervisedWorker<DownloadPort>(supervised('download', downloadUrl));
  return {
    inference: new SharedEngine(new SupervisedWorker<InferencePort>(supervised('inference', inferenceUrl))),
    download,
    sandbox: new SupervisedWorker<SandboxPort>(supervised('sandbox', sandboxUrl)),
    ingest: new SupervisedWorker<DocumentsPort>(supervised('ingest', ingestUrl)),
    tasks: new SupervisedWorker<TasksPort>(supervised('tasks', tasksUrl)),
    embedding: new SupervisedWorker<EmbeddingPort>(supervised('embedding', embeddingUrl)),
    onEngineRenewed,
    background: new Background(),
    supervise: (worker, url) => new SupervisedWorker(supervised(worker, url)),
    permit: (what) => download.call(({ port }) => port.permit(what)),
  };
}

function addressOf(url: string, runtime: string | undefined): string {
  if (runtime === undefined) return url;
  const folder = new URL(runtime.endsWith('/') ? runtime : `${runtime}/`, document.baseURI);
  return new URL(`assets/${url.slice(url.lastIndexOf('/') + 1)}`, folder).href;
}
