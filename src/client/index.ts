export type { Policy } from '../policy/index.ts';
export type {
  CatalogueEntry,
  Chunk as DocumentChunk,
  DownloadEvent,
  Embedded,
  ExpertArtefact,
  ExpertEvaluation,
  ExpertPrediction,
  ExpertTraining,
  ExpertTrainRequest,
  FinishReason,
  FlowDocument,
  FlowEvent,
  FlowProblem,
  FlowResult,
  FlowStep,
  FlowSummary,
  FlowTrace,
  GenerateTimings,
  HashState,
  IndexedDocument,
  KnowledgePack,
  KnownSource,
  LabelledRow,
  LoadEvent,
  LoadedOnnxModel,
  ManifestFile,
  ModelAnnouncement,
  ModelCapability,
  ModelChange,
  ModelManifest,
  OnnxModelFile,
  OnnxTask,
  ReadDocument,
  SearchHit,
  SearchRequest,
  SearchResult,
  StoredModel,
  TaskEvent,
} from '../protocol/index.ts';
export { isAbortError, SottoError, type SottoErrorCode } from '../shared/index.ts';
export type { CompletionStream } from './completion-runner.ts';
export {
  DEFAULT_EMBEDDING_MODEL,
  type EmbeddingCallOptions,
  type EmbeddingLoadRequest,
  type EmbeddingRequest,
  type EmbeddingResponse,
  type ReadyEncoder,
} from './embeddings.ts';
export type {
  DeviceFacts,
  ExportedModelFile,
  ImportOptions,
  LazyLibrary,
  ModelPlan,
  PlanProblem,
  Recommendation,
  RememberedModel,
  StorageState,
  TransferOptions,
} from './library/index.ts';
export type { ModelLoadEvent, ModelLoadOptions, ReadyModel } from './model-load.ts';
export type { ModelEntry, ModelPage } from './model-page.ts';
export type * from './openai-types.ts';
export type { ReadOptions, Retrieval } from './retrieval.ts';
export type { Conversation, ConversationOptions, Sessions, TurnOptions } from './sessions/index.ts';
export { Sotto, type SottoOptions, type WorkerLostEvent } from './sotto.ts';
export { parsePartialJson } from './structured-output/index.ts';
export type {
  Answered,
  Classified,
  Entity,
  Evidence,
  ExpertComparison,
  Extracted,
  Moderated,
  Redacted,
  Summarised,
  SummarySettings,
  TableResult,
  TaskOptions,
  TaskTable,
  Translated,
  WritingSettings,
} from './tasks/index.ts';
