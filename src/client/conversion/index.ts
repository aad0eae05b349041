export type { ConvertedModel, ModelConversionOptions } from './convert-folder.ts';
export { isModelFolder } from './is-model-folder.ts';
