import './lib/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runBaselines } from './eval/baselines.mjs';
import { flowsPage } from './eval/page.mjs';
import { line, worseThan } from './eval/scores.mjs';
import { SYSTEMS } from './eval/systems.mjs';
import { gradeTask, runTask } from './eval/task-cases.mjs';
import { trainExperts } from './eval/train.mjs';
import { openLibrary, runInPage } from './flow/session.mjs';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ROOT } from './lib/paths.mjs';

const HELP = `npm run eval -- [options]

Runs every flow on its held-out cases (flows/NAME/held-out.jsonl and, written later, unseen.jsonl), which nobody looked at
while it was made, and on the cases it was developed with (flows/NAME/test.jsonl); the tasks by themselves too
(flows/tasks); compares with one small model and a prompt.

  --only NAME    these flows alone; may be given more than once
  --baseline     measure the single model too (about an hour); else its committed scores are shown
  --train        train the experts of flows/experts/*.tsv first; build again afterwards
  --write        commit the scores to flows/scores.json and docs/flows.md
  --check        fail where a score is below the committed one
  --wrong        show the development cases that are wrong; the held-out ones stay unseen
  --json         {flows: [{name, score, baseline, cases, metric, …}]} on stdout, and nothing else
  --help         this text`;

const SCORES = join(ROOT, 'flows/scores.json');

/** @typedef {import('./eval/scores.mjs').Score} Score */

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
  const committed = /** @type {{ flows: Score[], tasks: import('./eval/scores.mjs').TaskScore }} */ (
    JSON.parse(readFileSync(SCORES, 'utf8'))
  );
  const session = await openLibrary();
  /** @type {Score[]} */
  const flows = [];
  let tasks = committed.tasks;
  try {
    if (values.train) {
      await trainExperts(session.page);
      return console.error('Trained. Run it again without --train to measure.');
    }
    for (const name of Object.keys(SYSTEMS)) {
      if (values.only.length > 0 && !values.only.includes(name)) continue;
      const before = committed.flows.find((score) => score.name === name);
      flows.push(await measure(session.page, name, before, values));
      if (!values.json) console.log(line(flows.at(-1)));
    }
    if (values.only.length === 0) {
      const [unseen, known] = [
        await runTaskSet(session.page, 'unseen', false),
        await runTaskSet(session.page, 'test', values.wrong),
      ];
      tasks = { ...tasks, score: unseen.score, cases: unseen.cases, development: known };
    }
  } finally {
    await session.close();
  }
  if (values.json) console.log(JSON.stringify({ flows, tasks }));
  if (values.write) {
    const all = Object.keys(SYSTEMS).flatMap(
      (name) => flows.find((one) => one.name === name) ?? committed.flows.find((one) => one.name === name) ?? [],
    );
    writeFileSync(SCORES, `${JSON.stringify({ flows: all, tasks }, null, 2)}\n`);
    writeFileSync(join(ROOT, 'docs/flows.md'), flowsPage(all, tasks));
  }
  const worse = values.check ? worseThan({ flows, tasks }, committed) : [];
  if (worse.length > 0) {
    console.error(`Worse than the committed scores: ${worse.join(', ')}.`);
    process.exitCode = 1;
  }
});

/**
 * One flow on both of its sets.
 * @param {import('playwright').Page} page
 * @param {string} name
 * @param {Score | undefined} before
 * @param {{ baseline: boolean, wrong: boolean }} options
 * @returns {Promise<Score>}
 */
async function measure(page, name, before, { baseline, wrong }) {
  const system = SYSTEMS[name];
  if (system === undefined) throw new Failure(`There is no flow "${name}".`);
  const [heldOut, development] = [readCases(name, 'held-out'), readCases(name, 'test')];
  const run = await runSet(page, name, heldOut, false);
  const unseenCases = readCases(name, 'unseen');
  const unseen = await runSet(page, name, unseenCases, false);
  const known = await runSet(page, name, development, wrong);
  const single = baseline ? await runBaselines(page, name, heldOut) : undefined;
  const singleKnown = baseline ? await runBaselines(page, name, development) : undefined;
  return {
    name,
    score: run.score,
    baseline: single?.constrained ?? before?.baseline ?? null,
    freeBaseline: single?.free ?? before?.freeBaseline ?? null,
    cases: heldOut.length,
    metric: system.metric,
    ms: run.ms,
    ...(before?.firstScore === undefined ? {} : { firstScore: before.firstScore }),
    unseen: { ...before?.unseen, score: unseen.score, cases: unseenCases.length },
    development: {
      score: known.score,
      baseline: singleKnown?.constrained ?? before?.development.baseline ?? null,
      freeBaseline: singleKnown?.free ?? before?.development.freeBaseline ?? null,
      cases: development.length,
    },
  };
}

/** @param {import('playwright').Page} page @param {string} name @param {any[]} cases @param {boolean} shows */
async function runSet(page, name, cases, shows) {
  const system = SYSTEMS[name];
  if (system === undefined) throw new Failure(`There is no flow "${name}".`);
  const start = performance.now();
  let points = 0;
  for (const one of cases) {
    const { result, error } = await runInPage(page, { flow: name, input: system.input(one) });
    const point = error === undefined ? system.grade(one, result.output) : 0;
    points += point;
    if (!shows || point === 1) continue;
    const shown = JSON.stringify(error ?? system.shown(result.output)).slice(0, 500);
    console.error(name, point.toFixed(2), JSON.stringify(one).slice(0, 400), '→', shown);
  }
  const score = Math.round((points / cases.length) * 1000) / 1000;
  return { score, ms: Math.round((performance.now() - start) / cases.length) };
}

/** @param {import('playwright').Page} page @param {'unseen' | 'test'} set @param {boolean} shows */
async function runTaskSet(page, set, shows) {
  let points = 0;
  const cases = readCases('tasks', set);
  for (const one of cases) {
    const { result, error } = await runTask(page, one);
    const point = error === undefined ? gradeTask(one, result) : 0;
    points += point;
    if (shows && point < 1)
      console.error(one.task, JSON.stringify(one), '→', JSON.stringify(result ?? error).slice(0, 400));
  }
  return { score: Math.round((points / cases.length) * 1000) / 1000, cases: cases.length };
}

/** @param {string} name @param {'held-out' | 'unseen' | 'test'} set */
function readCases(name, set) {
  const text = readFileSync(join(ROOT, `flows/${name}/${set}.jsonl`), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((row) => JSON.parse(row));
}
