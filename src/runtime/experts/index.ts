export { type LoadedExpert, openExpert } from './artefact.ts';
export type { Embedder } from './embedder.ts';
export { explainLabel } from './explain.ts';
export { evaluate, predict } from './predict.ts';
export { signExpert, stableJson, verifyExpert } from './signature.ts';
export { trainExpert } from './train.ts';
