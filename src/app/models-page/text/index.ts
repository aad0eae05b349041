export { MODELS_TEXT } from './models-text.ts';
