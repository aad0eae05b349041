export { type ChosenWords, chooseWords } from './choose-words.ts';
export type { Words } from './words.ts';
