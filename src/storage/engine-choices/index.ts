export { type EngineChoiceRecord, engineChoices } from './engine-choices.ts';
export { threadCounts } from './thread-counts.ts';
