export { type AdapterFacts, describeAdapter } from './adapter.ts';
export { type ChoiceMemory, chooseBackend, type EngineChoice } from './choose-backend.ts';
export { MovingEncoder } from './moving-encoder.ts';
