/** @param {unknown} value */
export const plain = (value) =>
  String(value ?? '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.@%-]+/gu, ' ')
    .trim();

/** The label that an answer names first. @param {string} answer @param {readonly string[]} labels */
export function labelIn(answer, labels) {
  const text = plain(answer);
  return labels
    .map((label) => ({ label, at: text.indexOf(plain(label)) }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at || b.label.length - a.label.length)[0]?.label;
}

/** @param {number[]} parts */
export const mean = (parts) => parts.reduce((sum, part) => sum + part, 0) / Math.max(1, parts.length);

export const ROUTES = ['faq', 'troubleshooting', 'account', 'complaint'];
/** Where a message of the support flow may go. */
export const SUPPORT_ROUTES = [...ROUTES, 'small-talk', 'person'];
export const KINDS_OF_MESSAGE =
  'faq, troubleshooting, account, complaint, small-talk (a greeting or thanks) or person (none of these)';
export const ISSUES = ['battery', 'delivery', 'quality', 'price', 'service', 'usability', 'performance'];
export const CLAUSES = ['term', 'liability', 'termination', 'confidentiality', 'governing-law', 'payment', 'other'];
export const LANGUAGES = /** @type {const} */ ({
  en: 'English',
  de: 'German',
  fr: 'French',
  es: 'Spanish',
  it: 'Italian',
  pt: 'Portuguese',
  nl: 'Dutch',
});

/** The names of the languages that a single model chooses among. */
export const NAMED_LANGUAGES = [...Object.values(LANGUAGES), 'another'];

/** @param {string} code */
export const languageName = (code) => /** @type {Record<string, string>} */ (LANGUAGES)[code] ?? 'another';

/** Equal as a reader would say: numbers by value, texts without marks. @param {unknown} given @param {unknown} due */
export function same(given, due) {
  if (typeof due === 'number') return Math.abs(Number(given) - due) < 0.006;
  const [one, other] = [plain(given), plain(due)];
  return one === other || (one.length > 3 && other.length > 3 && (one.startsWith(other) || other.startsWith(one)));
}

/** @param {readonly number[]} points */
export const sumOf = (points) => points.reduce((total, point) => total + point, 0);

/** To three decimals. @param {number} value */
export const round = (value) => Math.round(value * 1000) / 1000;

/** The share of points of all that could be had. @param {readonly number[]} points */
export const shareOf = (points) => round(sumOf(points) / points.length);
