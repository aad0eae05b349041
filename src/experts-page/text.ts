import { loadWords } from './i18n/index.ts';

/** Every word of the page, in its language. */
export const TEXT = await loadWords();
