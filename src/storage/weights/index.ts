export { companionKey, isCompanionKey, storedFiles } from './companions.ts';
export type { MoveOptions } from './move-models.ts';
export { openStoredChunks, openStoredModel } from './open-stored-model.ts';
export { type LastingMedium, openWeightPlaces, openWeightStore } from './open-weight-store.ts';
export type { WeightMediumKind } from './weight-medium.ts';
export {
  chunkLength,
  isComplete,
  isModelId,
  storedBytes,
  UNKNOWN_HASH,
  type WeightPlan,
  type WeightRecord,
} from './weight-record.ts';
export type { WeightStore } from './weight-store.ts';
