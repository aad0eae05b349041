import {
  CLAUSES,
  ISSUES,
  KINDS_OF_MESSAGE,
  labelIn,
  languageName,
  mean,
  NAMED_LANGUAGES,
  plain,
  ROUTES,
  SUPPORT_ROUTES,
  same,
} from './grading.mjs';

/**
 * How each flow is tested: what it gets of a case, what its answer is worth (0 to 1), and how a single model is asked the same.
 * @typedef {Record<string, any>} Case
 * @typedef {object} System
 * @property {string} metric
 * @property {(one: Case) => unknown} input
 * @property {(one: Case, output: any) => number} grade
 * @property {(output: any) => unknown} shown What of the output explains a wrong case.
 * @property {(one: Case) => { system?: string, prompt: string, maxTokens: number }} prompt The same case for one model.
 * @property {(one: Case, answer: string) => number} gradeText What that model's answer is worth.
 */

/** Whether a value stands in a free answer, in whatever notation. @param {string} answer @param {unknown} due */
function saidIn(answer, due) {
  if (typeof due !== 'number') return plain(answer).includes(plain(due));
  return (answer.match(/\d[\d.,]*\d|\d/g) ?? []).some((part) => {
    const values = [Number(part.replace(/,/g, '')), Number(part.replace(/\./g, '').replace(',', '.'))];
    return values.some((value) => Math.abs(value - due) < 0.006);
  });
}

/** @type {Readonly<Record<string, System>>} */
export const SYSTEMS = {
  'search-report': {
    metric: 'answer found and cited, or claim judged rightly',
    input: ({ documents, question, claim }) => ({
      documents,
      question: question ?? claim,
      ...(claim === undefined ? {} : { claims: [claim] }),
    }),
    grade: ({ answer, source, verdict }, output) => {
      if (verdict !== undefined)
        return Number((output.checked?.[0]?.verdict === 'supported') === (verdict === 'supported'));
      const isThere = plain(output.answer).includes(plain(answer));
      const isCited = output.citations.some(
        (/** @type {any} */ { document, quote }) =>
          document === String(source + 1) && plain(quote).includes(plain(answer)),
      );
      return isThere && isCited ? 1 : 0;
    },
    shown: ({ answer, citations, checked }) => ({
      answer,
      cited: citations?.map((/** @type {any} */ c) => c.document),
      checked,
    }),
    prompt: ({ documents, question, claim }) => ({
      prompt: `${documents.map((/** @type {string} */ text, /** @type {number} */ at) => `[${at + 1}] ${text}`).join('\n')}\n\n${claim === undefined ? `Answer with one sentence and the number of its source in brackets: ${question}` : `Is this claim supported by the sources? Answer "supported" or "unsupported".\nClaim: ${claim}`}`,
      maxTokens: claim === undefined ? 60 : 12,
    }),
    gradeText: ({ answer, source, verdict }, text) => {
      if (verdict !== undefined) {
        const said = /unsupported|not supported|contradict|\bno\b|false/i.test(text)
          ? 'unsupported'
          : /supported|\byes\b|true/i.test(text)
            ? 'supported'
            : '';
        return Number((said === 'supported') === (verdict === 'supported') && said !== '');
      }
      return plain(text).includes(plain(answer)) && text.includes(`[${source + 1}]`) ? 1 : 0;
    },
  },
  reviews: {
    metric: 'mood and issue of a review, each half',
    input: ({ text }) => [text],
    grade: ({ mood, issue }, output) =>
      mean([
        Number(output.reviews[0]?.mood === mood),
        ...(issue === undefined ? [] : [Number([issue].flat().includes(output.reviews[0]?.issue))]),
      ]),
    shown: (output) => output.reviews?.[0],
    prompt: ({ text }) => ({
      prompt: `Review: ${text}\n\nWrite two words: the mood (positive, neutral or negative) and the issue (battery, delivery, quality, price, service, usability or performance).`,
      maxTokens: 16,
    }),
    gradeText: ({ mood, issue }, text) =>
      mean([
        Number(labelIn(text, ['positive', 'neutral', 'negative']) === mood),
        ...(issue === undefined ? [] : [Number([issue].flat().includes(labelIn(text, ISSUES) ?? null))]),
      ]),
  },
  support: {
    metric: 'route, and for questions the right article',
    input: ({ text }) => text,
    grade: ({ route, article }, output) =>
      Number(
        [route].flat().includes(output.route) &&
          (article === undefined || [article].flat().includes(output.article ?? output.guide ?? output.topic ?? null)),
      ),
    shown: ({ route, article, guide, topic, score }) => ({ route, article, guide, topic, score }),
    prompt: ({ text }) => ({
      prompt: `Message: ${text}\n\nWhich kind of message is this: ${KINDS_OF_MESSAGE}? Answer with one word.`,
      maxTokens: 8,
    }),
    // The single model is asked for the route alone, which is the easier half.
    gradeText: ({ route }, text) => Number([route].flat().includes(labelIn(text, SUPPORT_ROUTES))),
  },
  invoice: {
    metric: 'fields read rightly (number, date, supplier, total, currency, tax, lines)',
    input: ({ text }) => text,
    grade: ({ fields, lines }, output) =>
      mean([
        ...Object.entries(fields).map(([name, due]) => Number(same(output.invoice[name], due))),
        ...(lines === undefined ? [] : [Number(output.items.length === lines)]),
      ]),
    shown: ({ invoice, items, missing }) => ({ invoice, items: items?.length, missing }),
    prompt: ({ text, fields }) => ({
      prompt: `${text}\n\nWrite these fields of the invoice, one a line as "name: value": ${Object.keys(fields).join(', ')}.`,
      maxTokens: 120,
    }),
    // A value counts as read when it stands on the line of its name.
    gradeText: ({ fields, lines }, text) =>
      mean([
        ...Object.entries(fields).map(([name, due]) => {
          const row = text.split('\n').find((part) => plain(part).startsWith(plain(name))) ?? '';
          return Number(saidIn(row, due) || (/date/i.test(name) && saidIn(row.replace(/[/.]/g, '-'), due)));
        }),
        ...(lines === undefined ? [] : [0]),
      ]),
  },
  contract: {
    metric: 'kind of a clause',
    input: ({ text }) => text,
    grade: ({ kind }, output) => Number(output.clauses.length === 1 && output.clauses[0].kind === kind),
    shown: (output) => output.clauses?.map((/** @type {any} */ clause) => [clause.kind, clause.score]),
    prompt: ({ text }) => ({
      prompt: `Clause: ${text}\n\nWhich kind of clause is this: ${CLAUSES.join(', ')}? Answer with one of them.`,
      maxTokens: 10,
    }),
    gradeText: ({ kind }, text) => Number(labelIn(text, CLAUSES) === kind),
  },
  compliance: {
    metric: 'the rules a text breaks, all and only those',
    input: ({ text, rules }) => ({ text, ...(rules === undefined ? {} : { rules }) }),
    grade: ({ broken, ids }, output) => {
      const found = output.broken.map((/** @type {any} */ rule) => rule.id);
      const all = ids ?? output.verdicts.map((/** @type {any} */ rule) => rule.id);
      return mean(all.map((/** @type {string} */ id) => Number(found.includes(id) === broken.includes(id))));
    },
    shown: (output) => output.verdicts?.map((/** @type {any} */ v) => [v.id, v.isMet, Number(v.score).toFixed(2)]),
    prompt: ({ text, texts }) => ({
      prompt: `${text}\n\nRules:\n${texts.join('\n')}\n\nFor each rule write its number and "kept" or "broken".`,
      maxTokens: 80,
    }),
    gradeText: ({ broken, ids, ruleIds }, text) =>
      mean(
        ids.map((/** @type {string} */ id) => {
          const number = `${ruleIds.indexOf(id) + 1}`;
          const row = text.split('\n').find((part) => part.trim().startsWith(number)) ?? '';
          const said = /broken/i.test(row) ? true : /kept/i.test(row) ? false : undefined;
          return Number(said === broken.includes(id));
        }),
      ),
  },
  spam: {
    metric: 'legitimate, spam or fraud',
    input: ({ text }) => text,
    grade: ({ label }, output) => Number(output.label === label),
    shown: ({ label, score, signs }) => ({ label, score, signs: signs?.map((/** @type {any} */ s) => s.id) }),
    prompt: ({ text }) => ({
      prompt: `Message: ${text}\n\nIs this message legitimate, spam or fraud? Answer with one word.`,
      maxTokens: 8,
    }),
    gradeText: ({ label }, text) => Number(labelIn(text, ['legitimate', 'spam', 'fraud']) === label),
  },
  'regional-support': {
    metric: 'language and intent of a message',
    input: ({ text }) => text,
    grade: ({ language, intent }, output) =>
      Number(output.language === language && (intent === undefined || output.intent === intent)),
    shown: ({ language, intent, intentScore }) => ({ language, intent, intentScore }),
    prompt: ({ text }) => ({
      prompt: `Message: ${text}\n\nIn which language is it (${NAMED_LANGUAGES.join(', ')}), and is it faq, troubleshooting, account or complaint? Answer with two words.`,
      maxTokens: 12,
    }),
    gradeText: ({ language, intent }, text) => {
      return Number(
        labelIn(text, NAMED_LANGUAGES) === languageName(language) &&
          (intent === undefined || labelIn(text, ROUTES) === intent),
      );
    },
  },
  recommend: {
    metric: 'first recommendation fits the wish',
    input: ({ wish, catalogue }) => ({ wish, ...(catalogue === undefined ? {} : { catalogue }) }),
    grade: ({ fits }, output) => Number(fits.includes(output.best)),
    shown: (output) =>
      output.recommendations?.map((/** @type {any} */ item) => [item.id, Number(item.score).toFixed(2)]),
    prompt: ({ wish, list }) => ({
      prompt: `Products:\n${list}\n\nWish: ${wish}\n\nWhich one product fits best? Answer with its name.`,
      maxTokens: 16,
    }),
    gradeText: ({ names, others }, text) => Number(names.includes(labelIn(text, [...names, ...others]) ?? '')),
  },
  redact: {
    metric: 'everything personal is gone, everything else is there',
    input: ({ text }) => text,
    grade: ({ personal, keep }, output) =>
      Number(
        personal.every((/** @type {string} */ part) => !output.text.includes(part)) &&
          keep.every((/** @type {string} */ part) => output.text.includes(part)),
      ),
    shown: ({ text }) => text,
    prompt: ({ text }) => ({
      prompt: `Rewrite this text with every name, address, number that identifies a person and secret replaced by [REDACTED]:\n\n${text}`,
      maxTokens: 160,
    }),
    gradeText: ({ personal, keep }, text) =>
      Number(
        personal.every((/** @type {string} */ part) => !text.includes(part)) &&
          keep.every((/** @type {string} */ part) => text.includes(part)),
      ),
  },
};
