export { parseCsv, writeCsv } from './csv.ts';
export { detectLanguage } from './language.ts';
export { readable } from './readable.ts';
export { chunksOf, paragraphsOf, sentencesOf } from './sentences.ts';
export { chooseSentences, cosine, tellingSentences } from './summary.ts';
export { keyphrasesOf } from './words.ts';
