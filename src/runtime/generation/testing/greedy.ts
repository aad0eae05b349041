import type { SamplingOptions } from '../../../protocol/index.ts';

/** Always the likeliest token, as the model has it. */
export const GREEDY: SamplingOptions = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 7,
};
