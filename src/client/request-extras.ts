/** What few requests say, read by code that comes in one file when one of them says so. */
export { cutAtMark, markEnd } from './continued-answer.ts';
export { fitMessages, promptRoom } from './fit-messages.ts';
export { chatLogprobs } from './log-probabilities.ts';
export { thinkingTokens } from './reasoning.ts';
export { PartialValues } from './structured-output/partial-values.ts';
export { templateInputs } from './template-inputs.ts';
