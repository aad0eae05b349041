export type {
  ExportedModelFile,
  ImportOptions,
  ModelLibrary,
  PlanOptions,
  Recommendation,
  StorageState,
  TransferOptions,
} from './model-library.ts';
export type { DeviceFacts, ModelPlan, PlanParts, PlanProblem } from './plan-model.ts';
export type { RememberedModel } from './sentinel.ts';
export { type LazyLibrary, withLibrary } from './with-library.ts';
