export { type EngineChoiceRecord, engineChoices } from './engine-choices.ts';
