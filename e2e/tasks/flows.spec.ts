import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SYSTEMS } from '../../scripts/eval/systems.mjs';
import { expect, test } from '../kit/index.ts';
import { openLibrary } from './library-page.ts';

const ROOT = join(import.meta.dirname, '../..');
const scores = JSON.parse(readFileSync(join(ROOT, 'flows/scores.json'), 'utf8')) as {
  readonly flows: readonly {
    readonly name: string;
    readonly score: number;
    readonly baseline: number | null;
    readonly development: { readonly score: number };
  }[];
};
/** Every twelfth case: whether the flows still do what they did, not how well they do it (`npm run eval -- --check`). */
const STEP = 12;

test('every flow does on a part of its test sets what its committed scores say', async ({ page }) => {
  test.setTimeout(240_000);
  await openLibrary(page);
  for (const [name, system] of Object.entries(SYSTEMS)) {
    const cases = ['held-out', 'test'].flatMap((set) =>
      readFileSync(join(ROOT, `flows/${name}/${set}.jsonl`), 'utf8')
        .split('\n')
        .filter((row, index) => row !== '' && index % STEP === 0)
        .map((row) => JSON.parse(row)),
    );
    const inputs = cases.map((one) => system.input(one));
    const outputs = await page.evaluate(
      async ([flow, given]) => {
        const results: unknown[] = [];
        for (const input of given) results.push((await sotto.flows.run(flow, input)).output);
        return results;
      },
      [name, inputs] as const,
    );
    const points = cases.map((one, index) => system.grade(one, outputs[index]));
    const mean = points.reduce((sum, point) => sum + point, 0) / points.length;
    const committed = scores.flows.find((score) => score.name === name);
    expect(committed, `${name} has a committed score`).toBeDefined();
    // Eight cases say little about the whole: one or two more wrong than usual are let pass.
    const due = ((committed?.score ?? 1) + (committed?.development.score ?? 1)) / 2;
    expect(mean, name).toBeGreaterThanOrEqual(due - 2 / cases.length);
    expect(committed?.score ?? 0, `${name} beats the single model`).toBeGreaterThan(committed?.baseline ?? 0);
  }
});

test('an expert is trained, asked, exported and read back on the page, and its answers are the same', async ({
  page,
}) => {
  await openLibrary(page);
  const rows = readFileSync(join(ROOT, 'flows/experts/intent.tsv'), 'utf8')
    .split('\n')
    .filter((row, index) => row !== '' && index % 3 === 0)
    .map((row) => ({ label: row.split('\t')[0] ?? '', text: row.split('\t')[1] ?? '' }));
  const result = await page.evaluate(async (given) => {
    const { expert } = await sotto.experts.train({ id: 'intents', rows: given });
    const texts = ['Where can I see my invoices?', 'The app crashes when I start it.'];
    const before = await sotto.experts.predict(expert, texts);
    const again = await sotto.experts.import(sotto.experts.export(expert));
    const after = await sotto.experts.predict(again, texts);
    const refused = await sotto.experts.import(new Blob(['{}'])).catch((error: { code: string }) => error.code);
    return { before, after, refused, accuracy: expert.metrics.accuracy };
  }, rows);
  expect(result.after).toEqual(result.before);
  expect(result.before[1]?.scores[0]?.label).toBe('troubleshooting');
  expect(result.accuracy).toBeGreaterThan(0.7);
  expect(result.refused).toBe('expert-invalid');
});
