export { invalid, type TokenizerFields } from './metadata-fields.ts';
export { readVocabulary, type Vocabulary } from './read-vocabulary.ts';
export { TOKEN } from './token-kind.ts';
