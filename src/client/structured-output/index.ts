export { answerForm } from './answer-form.ts';
export { parsePartialJson } from './partial-json.ts';
export type { PartialValues } from './partial-values.ts';
