import { loadCatalogue } from './i18n/index.ts';

/** Every word of the interface, in the language of this page. It is chosen once: another language is a reload away. */
export const TEXT = await loadCatalogue();
