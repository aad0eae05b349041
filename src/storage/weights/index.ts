export { companionKey, isCompanionKey, storedFiles } from './companions.ts';
export { openStoredModel } from './open-stored-model.ts';
export { openWeightStore } from './open-weight-store.ts';
export {
  chunkLength,
  isComplete,
  isModelId,
  storedBytes,
  type WeightPlan,
  type WeightRecord,
} from './weight-record.ts';
export type { WeightStore } from './weight-store.ts';
