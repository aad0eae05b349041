export { type LoadedExpert, openExpert } from './artefact.ts';
export { distill } from './distill.ts';
export type { Embedder } from './embedder.ts';
export { evaluateNames, findNames, trainEntities } from './entities/index.ts';
export { explainLabel } from './explain.ts';
export { keepExpert } from './keep-expert.ts';
export { evaluate, predict } from './predict.ts';
export { signExpert, stableJson, verifyExpert } from './signature.ts';
export { trainExpert } from './train.ts';
