import { inputOf, PLACEHOLDER, runOf } from './options.mjs';

/** Names that people give to the column a flow should read, the likeliest first: in English, then as exports in other languages have them. */
const TEXT_COLUMNS = [
  ...['text', 'message', 'body', 'content', 'clause', 'wish', 'review', 'comment', 'description', 'question'],
  ...['nachricht', 'inhalt', 'bewertung', 'kommentar', 'beschreibung', 'frage'],
  ...['texte', 'avis', 'commentaire', 'texto', 'mensaje', 'reseña', 'comentario', 'pregunta', 'mensagem', 'avaliação'],
  ...['testo', 'messaggio', 'recensione', 'bericht', 'beoordeling', 'tekst', 'wiadomość', 'opinia'],
  ...['本文', 'メッセージ', 'レビュー', '消息', '评论', 'رسالة', 'نص'],
];

/**
 * What only the page can read becomes text: documents through the library's own readers, tables through its own parser.
 * @param {import('playwright').Page} page
 * @param {string} name
 * @param {import('./options.mjs').FlowInput} input
 * @param {Record<string, unknown>} extra
 * @returns {Promise<import('./options.mjs').FlowInput[]>}
 */
export async function expandInput(page, name, input, extra) {
  const { source, table, documents } = input;
  if (table !== undefined) return tableRuns(page, name, source, table, extra);
  if (documents === undefined) return [input];
  /** @type {string[]} */
  const texts = [];
  for (const { name: file, bytes } of documents) {
    const read = await page.evaluate(
      async ([fileName, base64]) => {
        try {
          const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          const { text } = await /** @type {any} */ (globalThis).sotto.retrieval.text(new File([data], fileName));
          return { text };
        } catch (/** @type {any} */ error) {
          return { problem: `${fileName}: ${String(error?.message ?? error)}` };
        }
      },
      /** @type {const} */ ([file, bytes.toString('base64')]),
    );
    if (read.problem !== undefined) return [{ source, problem: read.problem }];
    texts.push(read.text ?? '');
  }
  return [{ source, value: filled(input.value, texts) }];
}

/** Puts the texts where their place was kept, one after the other. @param {unknown} value @param {string[]} texts @returns {unknown} */
function filled(value, texts) {
  if (value === PLACEHOLDER) return texts.shift() ?? '';
  if (Array.isArray(value)) return value.map((part) => filled(part, texts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part, texts)]));
}

/** @param {import('playwright').Page} page @param {string} name @param {string} source @param {string} table @param {Record<string, unknown>} extra */
async function tableRuns(page, name, source, table, extra) {
  const whole = () => [{ source, value: inputOf(name, [{ name: source, kind: '.txt', text: table }], extra) }];
  const { rows, columns, broken, problem } = await page.evaluate(async (text) => {
    try {
      return await /** @type {any} */ (globalThis).sotto.tasks.run('task.table', { text });
    } catch (/** @type {any} */ error) {
      return { problem: String(error?.message ?? error) };
    }
  }, table);
  if (problem !== undefined) return [{ source, problem: `${source}: ${problem}` }];
  const column = TEXT_COLUMNS.flatMap((wanted) =>
    columns.filter((/** @type {string} */ one) => one.trim().toLowerCase() === wanted),
  )[0];
  // A table without such a column is a text like any other: an invoice may be one.
  if (column === undefined) return whole();
  return [
    ...broken.map((/** @type {{ line: number, reason: string }} */ { line, reason }) => ({
      source: `${source}, line ${line}`,
      problem: `${source}, line ${line} is kept aside: ${reason}.`,
    })),
    ...rows.map((/** @type {Record<string, string>} */ row, /** @type {number} */ index) =>
      runOf(name, { source: `${source}, row ${index + 1}`, value: row[column] ?? '' }, extra),
    ),
  ];
}
