/** Languages of the interface, each in its own name. */
export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  ar: 'العربية',
  ja: '日本語',
} as const;

export type Language = keyof typeof LANGUAGES;

/** Where the choice is kept: read before anything is drawn, so not in a database. Language and theme only. */
const KEY = 'sotto-display';

export interface DisplayChoice {
  /** `auto`: as the browser. `pseudo` is for tests. */
  readonly language: Language | 'auto' | 'pseudo';
  readonly theme: 'auto' | 'light' | 'dark';
}

/** The person's choice; `auto` for whatever is missing or makes no sense. */
export function readDisplayChoice(): DisplayChoice {
  let stored: Partial<Record<keyof DisplayChoice, unknown>> = {};
  try {
    stored = (JSON.parse(globalThis.localStorage?.getItem(KEY) ?? '{}') ?? {}) as typeof stored;
  } catch {
    // Storage is blocked, or somebody else wrote there: as if nothing had been chosen.
  }
  const { language, theme } = stored;
  return {
    language: isLanguage(language) || language === 'pseudo' ? language : 'auto',
    theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
  };
}

export function writeDisplayChoice(choice: DisplayChoice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    // Blocked: the choice holds until the page closes.
  }
}

function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && Object.hasOwn(LANGUAGES, value);
}

/** Where the languages of the site's policy are kept: words are needed before the policy is here. */
const PERMITTED_KEY = 'sotto-languages';

/** The languages this site allows, all where its policy names none. */
export function permittedLanguages(): readonly Language[] {
  const all = Object.keys(LANGUAGES) as Language[];
  try {
    const kept: unknown = JSON.parse(globalThis.localStorage?.getItem(PERMITTED_KEY) ?? 'null');
    const permitted = Array.isArray(kept) ? all.filter((language) => kept.includes(language)) : [];
    return permitted.length === 0 ? all : permitted;
  } catch {
    return all;
  }
}

/**
 * Keeps what the site's policy says of languages.
 * @param languages null: all
 * @returns True where this page has to be loaded anew, because its words are in a language that it should not be in.
 */
export function permitLanguages(languages: readonly string[] | null): boolean {
  const before = pageLanguage();
  try {
    if (languages === null) localStorage.removeItem(PERMITTED_KEY);
    else localStorage.setItem(PERMITTED_KEY, JSON.stringify(languages));
  } catch {
    // Blocked: nothing is kept, and loading anew would change nothing.
  }
  return pageLanguage() !== before;
}

/** The language of this page. */
export function pageLanguage(): Language | 'pseudo' {
  const { language } = readDisplayChoice();
  if (language === 'pseudo') return language;
  const permitted = permittedLanguages();
  const wanted = [language, ...(globalThis.navigator?.languages ?? []).map((tag) => tag.split('-')[0]), 'en'];
  for (const name of wanted) {
    const known = permitted.find((one) => one === name);
    if (known !== undefined) return known;
  }
  return permitted[0] ?? 'en';
}

/** For Intl: the person's own region where it fits the language, so that figures look as they expect. */
export function pageLocale(): string {
  const language = pageLanguage();
  if (language === 'pseudo') return 'en';
  return globalThis.navigator?.languages?.find((tag) => tag.split('-')[0] === language) ?? language;
}

const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(['ar']);

/** Tells the document its language, direction and theme. */
export function applyDisplayChoice(): void {
  const language = pageLanguage();
  const root = document.documentElement;
  root.lang = language === 'pseudo' ? 'en' : language;
  root.dir = RIGHT_TO_LEFT.has(language) ? 'rtl' : 'ltr';
  const { theme } = readDisplayChoice();
  if (theme === 'auto') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
}
