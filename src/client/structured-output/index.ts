export { answerForm } from './answer-form.ts';
export { parsePartialJson } from './partial-json.ts';
export { finishedValue, isJsonFormat, PartialValues } from './partial-values.ts';
