import './lib/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runBaseline } from './eval/baselines.mjs';
import { flowsPage } from './eval/page.mjs';
import { SYSTEMS } from './eval/systems.mjs';
import { trainExperts } from './eval/train.mjs';
import { openLibrary, runInPage } from './flow/session.mjs';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ROOT } from './lib/paths.mjs';

const HELP = `npm run eval -- [options]

Runs every flow on its test set (flows/NAME/test.jsonl) and compares with one small model and a prompt.

  --only NAME    these flows alone; may be given more than once
  --baseline     measure the single model too (about half an hour); else its committed scores are shown
  --train        train the experts of flows/experts/*.tsv first; build again afterwards
  --write        commit the scores to flows/scores.json and docs/flows.md
  --check        fail where a score is below the committed one
  --wrong        show the cases that are wrong
  --json         {flows: [{name, score, baseline, cases, metric}]} on stdout, and nothing else
  --help         this text`;

const SCORES = join(ROOT, 'flows/scores.json');

/** @typedef {{ name: string, score: number, baseline: number | null, cases: number, metric: string, ms: number }} Score */

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      baseline: { type: 'boolean', default: false },
      train: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      wrong: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const unknown = values.only.find((name) => !(name in SYSTEMS));
  if (unknown !== undefined)
    throw new Failure(`There is no flow "${unknown}". There are: ${Object.keys(SYSTEMS).join(', ')}.`);
  const committed = /** @type {{ flows: Score[] }} */ (JSON.parse(readFileSync(SCORES, 'utf8')));
  const session = await openLibrary();
  /** @type {Score[]} */
  const flows = [];
  try {
    if (values.train) {
      await trainExperts(session.page);
      return console.error('Trained. Run it again without --train to measure.');
    }
    for (const [name, system] of Object.entries(SYSTEMS)) {
      if (values.only.length > 0 && !values.only.includes(name)) continue;
      const cases = readCases(name);
      const before = committed.flows.find((score) => score.name === name);
      const start = performance.now();
      let points = 0;
      for (const one of cases) {
        const { result, error } = await runInPage(session.page, { flow: name, input: system.input(one) });
        const point = error === undefined ? system.grade(one, result.output) : 0;
        if (values.wrong && point < 1)
          console.error(
            name,
            point.toFixed(2),
            JSON.stringify(one).slice(0, 400),
            '→',
            JSON.stringify(error ?? system.shown(result.output)).slice(0, 500),
          );
        points += point;
      }
      const ms = Math.round((performance.now() - start) / cases.length);
      const baseline = values.baseline
        ? await runBaseline(session.page, name, system, cases)
        : (before?.baseline ?? null);
      flows.push({
        name,
        score: round(points / cases.length),
        baseline,
        cases: cases.length,
        metric: system.metric,
        ms,
      });
      if (!values.json) console.log(line(flows.at(-1)));
    }
  } finally {
    await session.close();
  }
  if (values.json) console.log(JSON.stringify({ flows }));
  if (values.write) {
    const all = Object.keys(SYSTEMS).flatMap(
      (name) => flows.find((one) => one.name === name) ?? committed.flows.find((one) => one.name === name) ?? [],
    );
    writeFileSync(SCORES, `${JSON.stringify({ flows: all }, null, 2)}\n`);
    writeFileSync(join(ROOT, 'docs/flows.md'), flowsPage(all));
  }
  if (values.check) {
    const worse = flows.filter(
      ({ name, score }) => score < (committed.flows.find((one) => one.name === name)?.score ?? 0) - 0.005,
    );
    if (worse.length > 0) {
      console.error(
        `Worse than the committed scores: ${worse.map(({ name, score }) => `${name} ${score}`).join(', ')}.`,
      );
      process.exitCode = 1;
    }
  }
});

/** @param {string} name */
function readCases(name) {
  const text = readFileSync(join(ROOT, `flows/${name}/test.jsonl`), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((row) => JSON.parse(row));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}

/** @param {Score | undefined} score */
function line(score) {
  if (score === undefined) return '';
  const percent = (/** @type {number | null} */ value) => (value === null ? '–' : `${(value * 100).toFixed(1)} %`);
  return `${score.name.padEnd(18)} ${percent(score.score).padStart(8)}  single model ${percent(score.baseline).padStart(8)}  ${score.cases} cases  ${score.ms} ms a case  ${score.metric}`;
}
