import { pageLanguage } from '../../i18n/index.ts';
import { EN, type ModelsText } from './en.ts';

const LOADERS: Readonly<Record<string, (() => Promise<ModelsText>) | undefined>> = {
  de: async () => (await import('./de.ts')).DE,
  es: async () => (await import('./es.ts')).ES,
  fr: async () => (await import('./fr.ts')).FR,
  ar: async () => (await import('./ar.ts')).AR,
  ja: async () => (await import('./ja.ts')).JA,
};

/** The words of this panel in the page's language; English where they cannot be loaded. */
export const MODELS_TEXT: ModelsText = await (LOADERS[pageLanguage()]?.() ?? Promise.resolve(EN)).catch(() => EN);
