export type { Generate, WritingOptions } from './generate.ts';
export { answerGrounded } from './grounded-answer.ts';
export { continueText, rewriteText, translateText } from './rewording.ts';
export { recordBySchema } from './schema-record.ts';
export { type SummaryStyle, summariseByModel } from './summary.ts';
