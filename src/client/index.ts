export type {
  CatalogueEntry,
  DownloadEvent,
  Embedded,
  FinishReason,
  GenerateTimings,
  LoadEvent,
  LoadedOnnxModel,
  ModelManifest,
  OnnxModelFile,
  OnnxTask,
  StoredModel,
  TaskEvent,
} from '../protocol/index.ts';
export { isAbortError, SottoError, type SottoErrorCode } from '../shared/index.ts';
export type { CompletionStream } from './completion-runner.ts';
export type { ModelEntry, ModelPage } from './model-page.ts';
export type { ModelLoadEvent, ModelLoadOptions, ReadyModel } from './models.ts';
export type * from './openai-types.ts';
export { Sotto, type SottoOptions, type WorkerLostEvent } from './sotto.ts';
export type { OnnxModelsClient, TaskOptions } from './tasks/index.ts';
