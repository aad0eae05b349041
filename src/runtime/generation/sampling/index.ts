export { logProbabilities } from './log-probabilities.ts';
export { PENALTY_WINDOW } from './penalties.ts';
export { Sampler } from './sampler.ts';
export type { TokenMask } from './token-mask.ts';
