/**
 * The single model at its best: the same prompt, and an answer that can only be one of those asked for (`response_format`).
 * Each entry says how a case is asked and what the value that came back is worth (0 to 1).
 * @typedef {Record<string, any>} Case
 * @typedef {object} Constrained
 * @property {(one: Case) => { prompt: string, maxTokens: number, format: object }} ask
 * @property {(one: Case, value: any) => number} grade
 */
import {
  CLAUSES,
  ISSUES,
  KINDS_OF_MESSAGE,
  languageName,
  mean,
  NAMED_LANGUAGES,
  plain,
  ROUTES,
  SUPPORT_ROUTES,
  same,
} from './grading.mjs';

/** @param {readonly string[]} choices */
const choice = (choices) => ({ type: 'choice', choices: [...choices] });

/** @param {Record<string, object>} properties */
const record = (properties) => ({
  type: 'json_schema',
  json_schema: {
    name: 'answer',
    schema: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
  },
});

/** @param {readonly string[]} values */
const oneOf = (values) => ({ type: 'string', enum: [...values] });
const MOODS = ['positive', 'neutral', 'negative'];

/** What a field of an invoice looks like. @param {string} name @param {unknown} due */
function fieldOf(name, due) {
  if (typeof due === 'number') return { type: 'number' };
  if (/date/i.test(name)) return { type: 'string', pattern: '^20[0-9]{2}-[01][0-9]-[0-3][0-9]$' };
  if (name === 'currency') return { type: 'string', pattern: '^[A-Z]{3}$' };
  return { type: 'string', maxLength: 40 };
}

/** @type {Readonly<Record<string, Constrained>>} */
export const CONSTRAINED = {
  'search-report': {
    ask: ({ documents, question, claim }) => {
      const sources = documents
        .map((/** @type {string} */ text, /** @type {number} */ at) => `[${at + 1}] ${text}`)
        .join('\n');
      if (claim !== undefined) {
        const prompt = `${sources}\n\nIs this claim supported by the sources or unsupported?\nClaim: ${claim}`;
        return { prompt, maxTokens: 8, format: choice(['supported', 'unsupported']) };
      }
      const numbers = documents.map((/** @type {string} */ _, /** @type {number} */ at) => at + 1);
      return {
        prompt: `${sources}\n\nQuestion: ${question}\nGive a short answer, and the number of its source.`,
        maxTokens: 80,
        format: record({ answer: { type: 'string', maxLength: 160 }, source: { enum: numbers } }),
      };
    },
    grade: ({ answer, source, verdict }, value) =>
      verdict !== undefined
        ? Number(value === verdict)
        : Number(plain(value?.answer).includes(plain(answer)) && value?.source === source + 1),
  },
  reviews: {
    ask: ({ text }) => ({
      prompt: `Review: ${text}\n\nWhat is the mood of this review, and which issue does it speak of?`,
      maxTokens: 32,
      format: record({ mood: oneOf(MOODS), issue: oneOf(ISSUES) }),
    }),
    grade: ({ mood, issue }, value) =>
      mean([
        Number(value?.mood === mood),
        ...(issue === undefined ? [] : [Number([issue].flat().includes(value?.issue))]),
      ]),
  },
  support: {
    ask: ({ text }) => ({
      prompt: `Message: ${text}\n\nWhich kind of message is this: ${KINDS_OF_MESSAGE}?`,
      maxTokens: 8,
      format: choice(SUPPORT_ROUTES),
    }),
    grade: ({ route }, value) => Number([route].flat().includes(value)),
  },
  invoice: {
    ask: ({ text, fields, lines }) => ({
      prompt: `${text}\n\nWrite the fields of this invoice as JSON: ${[...Object.keys(fields), ...(lines === undefined ? [] : ['lines (how many lines of goods there are)'])].join(', ')}. Dates as YYYY-MM-DD, the currency as a code of three letters.`,
      maxTokens: 240,
      format: record({
        ...Object.fromEntries(Object.entries(fields).map(([name, due]) => [name, fieldOf(name, due)])),
        ...(lines === undefined ? {} : { lines: { type: 'integer' } }),
      }),
    }),
    grade: ({ fields, lines }, value) =>
      mean([
        ...Object.entries(fields).map(([name, due]) => Number(same(value?.[name], due))),
        ...(lines === undefined ? [] : [Number(value?.lines === lines)]),
      ]),
  },
  contract: {
    ask: ({ text }) => ({
      prompt: `Clause: ${text}\n\nWhich kind of clause is this: ${CLAUSES.join(', ')}?`,
      maxTokens: 10,
      format: choice(CLAUSES),
    }),
    grade: ({ kind }, value) => Number(value === kind),
  },
  compliance: {
    ask: ({ text, ruleIds, texts }) => ({
      prompt: `${text}\n\nRules:\n${texts.join('\n')}\n\nFor each rule: is it kept or broken by the text?`,
      maxTokens: 120,
      format: record(Object.fromEntries(ruleIds.map((/** @type {string} */ id) => [id, oneOf(['kept', 'broken'])]))),
    }),
    grade: ({ broken, ids }, value) =>
      mean(ids.map((/** @type {string} */ id) => Number((value?.[id] === 'broken') === broken.includes(id)))),
  },
  spam: {
    ask: ({ text }) => ({
      prompt: `Message: ${text}\n\nIs this message legitimate, spam or fraud?`,
      maxTokens: 8,
      format: choice(['legitimate', 'spam', 'fraud']),
    }),
    grade: ({ label }, value) => Number(value === label),
  },
  'regional-support': {
    ask: ({ text }) => ({
      prompt: `Message: ${text}\n\nIn which language is it written, and which kind of message is it?`,
      maxTokens: 32,
      format: record({ language: oneOf(NAMED_LANGUAGES), intent: oneOf(ROUTES) }),
    }),
    grade: ({ language, intent }, value) =>
      Number(value?.language === languageName(language) && (intent === undefined || value?.intent === intent)),
  },
  recommend: {
    ask: ({ wish, list, names, others }) => ({
      prompt: `Products:\n${list}\n\nWish: ${wish}\n\nWhich one product fits best?`,
      maxTokens: 20,
      format: choice([...names, ...others]),
    }),
    grade: ({ names }, value) => Number(names.includes(value)),
  },
  redact: {
    ask: ({ text }) => ({
      prompt: `${text}\n\nList every name, address, number that identifies a person and secret of this text, each exactly as it is written.`,
      maxTokens: 160,
      format: record({ personal: { type: 'array', items: { type: 'string', maxLength: 80 }, maxItems: 8 } }),
    }),
    // What the model lists is taken out by code, as a program around the model would do.
    grade: ({ text, personal, keep }, value) => {
      const listed = /** @type {string[]} */ (value?.personal ?? []).filter((part) => part.trim() !== '');
      const clean = listed
        .sort((a, b) => b.length - a.length)
        .reduce((left, part) => left.replaceAll(part, '[REDACTED]'), text);
      return Number(
        personal.every((/** @type {string} */ part) => !clean.includes(part)) &&
          keep.every((/** @type {string} */ part) => clean.includes(part)),
      );
    },
  },
};
