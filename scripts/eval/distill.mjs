import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';

/** The chat model that the product brings, far below what `distill` takes by itself. */
const TEACHER = 'smollm2-135m-instruct';
const FILE = join(ROOT, 'flows/distillation.json');

/** Of each label: rows that a person labelled, raw texts for the teacher, and rows that measure all of them. */
const COUNTS = { rows: 6, texts: 20, checked: 12 };

/** @type {Readonly<Record<string, string>>} */
const INSTRUCTIONS = {
  spam: 'Is this message legitimate, spam or fraud?',
  sentiment: 'Is the mood of this review positive, neutral or negative?',
  intent: 'Which kind of message is this: faq, troubleshooting, account, complaint, small-talk or other?',
};

/** @typedef {{ text: string, label: string }} Row */

/**
 * Each label's rows in turn, a third of the way apart, so that no part has only those that were written together.
 * @param {string} name @returns {{ labels: string[], rows: Row[], texts: Row[], checked: Row[] }}
 */
function partsOf(name) {
  /** @type {Map<string, string[]>} */
  const byLabel = new Map();
  for (const line of readFileSync(join(ROOT, `flows/experts/${name}.tsv`), 'utf8')
    .split('\n')
    .filter(Boolean)) {
    const [label = '', text = ''] = line.split('\t');
    byLabel.set(label, [...(byLabel.get(label) ?? []), text]);
  }
  /** @type {{ labels: string[], rows: Row[], texts: Row[], checked: Row[] }} */
  const parts = { labels: [...byLabel.keys()], rows: [], texts: [], checked: [] };
  for (const [label, all] of byLabel) {
    // Seven has no divisor in common with their numbers that would leave some out.
    const mixed = all.map((_, index) => all[(index * 7) % all.length] ?? '');
    const rows = [...new Set(mixed)].map((text) => ({ text, label }));
    const few = rows.length < 38 ? 0.8 : 1;
    const ends = [COUNTS.rows, COUNTS.rows + Math.round(COUNTS.texts * few)];
    parts.rows.push(...rows.slice(0, ends[0]));
    parts.texts.push(...rows.slice(ends[0], ends[1]));
    parts.checked.push(...rows.slice(ends[1], (ends[1] ?? 0) + Math.round(COUNTS.checked * few)));
  }
  return parts;
}

/**
 * Distils experts from the small chat model, and from the person who labelled the same texts; both measured on rows of a person.
 * @param {import('playwright').Page} page
 * @param {readonly string[]} names
 */
export async function measureDistillation(page, names) {
  /** @type {Record<string, object>} */
  const all = JSON.parse(readFileSync(FILE, 'utf8'));
  for (const name of names.length > 0 ? names : Object.keys(INSTRUCTIONS)) {
    const { labels, rows, texts, checked } = partsOf(name);
    const found = await page.evaluate(
      async ([id, given, instructions, model]) => {
        const { sotto } = /** @type {any} */ (globalThis);
        await sotto.models.load(model);
        const { labels: names, rows: own, texts: raw, checked: kept } = given;
        const taught = await sotto.experts.distill({
          ...{ id, labels: names, instructions, rows: own, checked: kept, model, leastParameters: 0 },
          texts: raw.map((/** @type {any} */ { text }) => text),
        });
        const right = taught.labelled.filter(
          (/** @type {any} */ { label }, /** @type {number} */ at) => label === raw[at]?.label,
        ).length;
        const person = await sotto.experts.train({ id, rows: [...own, ...raw] });
        const { accuracy } = await sotto.experts.evaluate(person.expert, kept);
        return {
          agreement: taught.agreement,
          ...taught.accuracy,
          labelledRightly: right / raw.length,
          person: accuracy,
        };
      },
      /** @type {const} */ ([name, { labels, rows, texts, checked }, INSTRUCTIONS[name] ?? '', TEACHER]),
    );
    const rounded = Object.fromEntries(
      Object.entries(found).map(([key, value]) => [key, value === null ? null : Math.round(value * 1000) / 1000]),
    );
    all[name] = { rows: rows.length, texts: texts.length, checked: checked.length, labels: labels.length, ...rounded };
    console.error(name, JSON.stringify(all[name]));
    writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
  }
}
