export { DraftModel } from './draft-model.ts';
export type { Drafter } from './drafter.ts';
export { PromptLookup } from './prompt-lookup.ts';
export { type SpeculationCounts, SpeculationPace } from './speculation-pace.ts';
