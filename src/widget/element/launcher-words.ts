/** The words the element itself shows; the frame brings all others. One table, so that the loader stays small. */
export interface LauncherWords {
  readonly title: string;
  readonly open: string;
  /** The same where the page has given the assistant a title. */
  readonly openNamed: (title: string) => string;
  /** There is an element, and no assistant behind it. */
  readonly unreachable: string;
  readonly sandboxed: string;
}

const ENGLISH: LauncherWords = {
  title: 'Assistant',
  open: 'Open the assistant',
  openNamed: (title) => `Open the assistant: ${title}`,
  unreachable: 'The assistant cannot be shown here: its server did not answer, or does not let this page hold it.',
  sandboxed: 'The assistant cannot run here: this page is shown in a closed frame, in which no thread starts.',
};

const WORDS: Readonly<Record<string, LauncherWords>> = {
  en: ENGLISH,
  de: {
    title: 'Assistent',
    open: 'Assistenten öffnen',
    openNamed: (title) => `Assistenten öffnen: ${title}`,
    unreachable: 'Der Assistent ist hier nicht zu sehen: Sein Server antwortet nicht oder lässt diese Seite nicht zu.',
    sandboxed:
      'Der Assistent kann hier nicht laufen: Diese Seite steht in einem geschlossenen Rahmen, der keine Threads erlaubt.',
  },
  fr: {
    title: 'Assistant',
    open: 'Ouvrir l’assistant',
    openNamed: (title) => `Ouvrir l’assistant : ${title}`,
    unreachable: 'L’assistant ne peut pas s’afficher ici : son serveur ne répond pas ou n’autorise pas cette page.',
    sandboxed: 'L’assistant ne peut pas fonctionner ici : cette page est dans un cadre fermé, sans fil d’exécution.',
  },
  es: {
    title: 'Asistente',
    open: 'Abrir el asistente',
    openNamed: (title) => `Abrir el asistente: ${title}`,
    unreachable: 'El asistente no se puede mostrar aquí: su servidor no responde o no admite esta página.',
    sandboxed: 'El asistente no puede funcionar aquí: esta página está en un marco cerrado, que no permite hilos.',
  },
  ar: {
    title: 'المساعد',
    open: 'فتح المساعد',
    openNamed: (title) => `فتح المساعد: ${title}`,
    unreachable: 'لا يمكن عرض المساعد هنا: خادمه لا يجيب أو لا يسمح لهذه الصفحة.',
    sandboxed: 'لا يمكن تشغيل المساعد هنا: هذه الصفحة داخل إطار مغلق لا يسمح بالخيوط.',
  },
  ja: {
    title: 'アシスタント',
    open: 'アシスタントを開く',
    openNamed: (title) => `アシスタントを開く：${title}`,
    unreachable: 'ここではアシスタントを表示できません。サーバーが応答しないか、このページを許可していません。',
    sandboxed: 'ここではアシスタントを実行できません。このページはスレッドを許さない閉じたフレーム内にあります。',
  },
};

/** Words in the first of the wanted languages that is known. */
export function launcherWords(wanted: readonly string[]): LauncherWords {
  for (const tag of wanted) {
    const words = WORDS[tag.split('-')[0]?.toLowerCase() ?? ''];
    if (words !== undefined) return words;
  }
  return ENGLISH;
}
