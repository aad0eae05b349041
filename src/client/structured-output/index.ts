export { answerForm } from './answer-form.ts';
export { parsePartialJson } from './partial-json.ts';
export { finishedValue, PartialValues } from './partial-values.ts';
export { isJsonFormat, responseGrammar } from './response-format.ts';
