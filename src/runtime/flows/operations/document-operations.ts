import { SottoError } from '../../../shared/index.ts';
import { clausesOf, type JudgedReview, reviewsOf, reviewsReport } from '../../tasks/documents/index.ts';
import { checkTotals, type FieldRule, type LineItem, readField, readLineItems } from '../../tasks/extract/index.ts';
import { recordBySchema } from '../../tasks/generate/index.ts';
import { parseCsv, writeCsv } from '../../tasks/text/index.ts';
import type { Operations } from '../operation.ts';
import { GOOD_ENOUGH, listOf, needs, recordOf, textOf, writingOptions } from './settings.ts';

/** What reads documents and computes with what they say. */
export const DOCUMENT_OPERATIONS: Operations = {
  'task.extract': {
    arguments: { text: { type: 'text' } },
    result: {
      record: 'record',
      evidence: 'record',
      missing: 'text[]',
      unsupported: 'record[]',
      items: 'record[]',
      score: 'number',
      model: 'text',
    },
    check: (settings) =>
      (settings['schema'] === undefined ? needs('fields', 'array') : needs('schema', 'object'))(settings),
    run: async ({ text }, settings, { generate, seed }) => {
      const { fields, lineItems, schema } = settings;
      const whole = textOf(text, 'text');
      if (schema !== undefined) {
        const read = await recordBySchema(
          whole,
          recordOf(schema),
          generate,
          writingOptions(settings, seed, GOOD_ENOUGH.extract),
        );
        const empty = listOf(recordOf(schema)['required']).map(String);
        return { ...read, missing: empty.filter((name) => (recordOf(read.record)[name] ?? null) === null), items: [] };
      }
      const rules = listOf(fields) as readonly FieldRule[];
      const record: Record<string, unknown> = {};
      const evidence: Record<string, unknown> = {};
      const scores: number[] = [];
      for (const rule of rules) {
        const found = readField(whole, rule);
        record[rule.name] = found?.value ?? null;
        if (found === undefined) continue;
        evidence[rule.name] = { text: found.evidence, start: found.start, end: found.end, score: found.score };
        scores.push(found.score);
      }
      const missing = rules
        .filter(({ name, isRequired }) => isRequired === true && record[name] === null)
        .map(({ name }) => name);
      const items = lineItems === true ? readLineItems(whole) : [];
      const score =
        scores.length === 0
          ? 0
          : scores.reduce((sum, value) => sum + value, 0) /
            Math.max(1, rules.filter(({ isRequired }) => isRequired).length, scores.length);
      return { record, evidence, missing, items, score, model: 'rules' };
    },
  },
  'rule.totals': {
    arguments: {
      record: { type: 'record' },
      items: { type: 'record[]', isOptional: true },
      missing: { type: 'text[]', isOptional: true },
    },
    result: { isRight: 'boolean', isComplete: 'boolean', checks: 'record[]', problems: 'text[]', model: 'text' },
    run: async ({ record, items, missing }) => {
      const { isRight, checks } = checkTotals(recordOf(record), listOf(items) as readonly LineItem[]);
      const problems = checks
        .filter((check) => !check.isRight)
        .map(({ name, expected, found }) => `${name}: ${expected} expected, ${found} found`);
      return { isRight, isComplete: listOf(missing).length === 0, checks, problems, model: 'arithmetic' };
    },
  },
  'task.clauses': {
    arguments: { text: { type: 'text' } },
    result: { items: 'text[]', spans: 'record[]' },
    run: async ({ text }) => {
      const spans = clausesOf(textOf(text, 'text'));
      if (spans.length === 0) throw new SottoError('task-input', 'The text holds no clause.');
      return { items: spans.map((span) => span.text), spans };
    },
  },
  'task.reviews': {
    arguments: { reviews: { type: 'any' } },
    result: { items: 'text[]', records: 'record[]', broken: 'record[]' },
    run: async ({ reviews }) => {
      const { records, broken } = reviewsOf(reviews);
      if (records.length === 0) throw new SottoError('task-input', 'There is no review in this.');
      return { items: records.map(({ text }) => text), records, broken };
    },
  },
  'task.reviews-report': {
    arguments: { reviews: { type: 'record[]' }, moods: { type: 'record' }, issues: { type: 'record[]' } },
    result: { '*': 'any', summary: 'text' },
    run: async ({ reviews, moods, issues }) => ({
      ...reviewsReport(listOf(reviews) as readonly JudgedReview[], recordOf(moods), listOf(issues)),
    }),
  },
  'task.csv': {
    arguments: { rows: { type: 'record[]' } },
    result: { text: 'text' },
    run: async ({ rows }, { columns }) => {
      const list = listOf(rows).map(recordOf);
      const names = listOf(columns).map(String);
      return { text: writeCsv(names.length > 0 ? names : [...new Set(list.flatMap((row) => Object.keys(row)))], list) };
    },
  },
  'task.table': {
    arguments: { text: { type: 'text' } },
    result: { rows: 'record[]', columns: 'text[]', broken: 'record[]' },
    run: async ({ text }) => ({ ...parseCsv(textOf(text, 'text')) }),
  },
};
