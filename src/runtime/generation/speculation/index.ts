export { DraftModel } from './draft-model.ts';
export type { Draft, Drafter } from './drafter.ts';
export { PromptLookup } from './prompt-lookup.ts';
export { SpeculationPace } from './speculation-pace.ts';
export { type SpeculationCounts, SpeculationTally } from './speculation-tally.ts';
