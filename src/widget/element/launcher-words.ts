/** The two words the element itself shows; the frame brings all others. One table, so that the loader stays small. */
const WORDS: Readonly<Record<string, { readonly title: string; readonly open: string }>> = {
  en: { title: 'Assistant', open: 'Open the assistant' },
  de: { title: 'Assistent', open: 'Assistenten öffnen' },
  fr: { title: 'Assistant', open: 'Ouvrir l’assistant' },
  es: { title: 'Asistente', open: 'Abrir el asistente' },
  ar: { title: 'المساعد', open: 'فتح المساعد' },
  ja: { title: 'アシスタント', open: 'アシスタントを開く' },
};

/** Words in the first of the wanted languages that is known. */
export function launcherWords(wanted: readonly string[]): { readonly title: string; readonly open: string } {
  for (const tag of wanted) {
    const words = WORDS[tag.split('-')[0]?.toLowerCase() ?? ''];
    if (words !== undefined) return words;
  }
  return { title: 'Assistant', open: 'Open the assistant' };
}
