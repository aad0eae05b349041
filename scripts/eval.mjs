import './lib/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runBaselines } from './eval/baselines.mjs';
import { isSampled, readCases, SETS } from './eval/cases.mjs';
import { measureDistillation } from './eval/distill.mjs';
import { round, shareOf, sumOf } from './eval/grading.mjs';
import { flowsPage } from './eval/page.mjs';
import { line, tasksLine, worseThan } from './eval/scores.mjs';
import { SYSTEMS } from './eval/systems.mjs';
import { gradeTask, runTask } from './eval/task-cases.mjs';
import { trainExperts } from './eval/train.mjs';
import { openLibrary, runInPage } from './flow/session.mjs';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ROOT } from './lib/paths.mjs';

const HELP = `npm run eval -- [options]

Runs every flow on its held-out cases (flows/NAME/held-out.jsonl and, written later, unseen.jsonl and fresh.jsonl), which
nobody looked at while it was made, and on the cases it was developed with (flows/NAME/test.jsonl); the tasks by themselves
too (flows/tasks); compares with one small model and a prompt.

  --only NAME    these flows alone, or tasks; may be given more than once
  --set NAME     these sets alone: held-out, unseen, fresh, test; the others keep their committed scores
  --baseline     measure the single model too (over an hour for all); else its committed scores are shown
  --train        train the experts of flows/experts/*.tsv first; build again afterwards
  --distill      teach experts from the small chat model and from a person's labels, and write flows/distillation.json
  --write        commit the scores to flows/scores.json and docs/flows.md
  --check        fail where a score is below the committed one
  --wrong        show the development cases that are wrong; the held-out ones stay unseen
  --json         {flows: [{name, score, baseline, cases, metric, …}]} on stdout, and nothing else
  --help         this text`;

const SCORES = join(ROOT, 'flows/scores.json');
const DISTILLED = join(ROOT, 'flows/distillation.json');

/** @typedef {import('./eval/scores.mjs').Score} Score */
/** @typedef {import('./eval/cases.mjs').SetName} SetName */

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      set: { type: 'string', multiple: true, default: [] },
      baseline: { type: 'boolean', default: false },
      train: { type: 'boolean', default: false },
      distill: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      wrong: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const unknown = values.only.find((name) => !values.distill && name !== 'tasks' && !(name in SYSTEMS));
  if (unknown !== undefined)
    throw new Failure(`There is no flow "${unknown}". There are: ${Object.keys(SYSTEMS).join(', ')}.`);
  const noSet = values.set.find((name) => !SETS.some((set) => set === name));
  if (noSet !== undefined) throw new Failure(`There is no set "${noSet}". There are: ${SETS.join(', ')}.`);
  const sets = values.set.length === 0 ? SETS : SETS.filter((set) => values.set.includes(set));
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
    if (values.distill) return await measureDistillation(session.page, values.only);
    for (const name of Object.keys(SYSTEMS)) {
      if (values.only.length > 0 && !values.only.includes(name)) continue;
      const before = committed.flows.find((score) => score.name === name);
      flows.push(await measure(session.page, name, before, { ...values, sets }));
      if (!values.json) console.log(line(flows.at(-1)));
    }
    if (values.only.length === 0 || values.only.includes('tasks')) {
      tasks = await measureTasks(session.page, committed.tasks, sets, values.wrong);
      if (!values.json) console.log(tasksLine(tasks));
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
    writeFileSync(join(ROOT, 'docs/flows.md'), flowsPage(all, tasks, JSON.parse(readFileSync(DISTILLED, 'utf8'))));
  }
  const worse = values.check ? worseThan({ flows, tasks }, committed) : [];
  if (worse.length > 0) {
    console.error(`Worse than the committed scores: ${worse.join(', ')}.`);
    process.exitCode = 1;
  }
});

/**
 * One flow on its sets.
 * @param {import('playwright').Page} page
 * @param {string} name
 * @param {Score | undefined} before
 * @param {{ baseline: boolean, wrong: boolean, sets: readonly SetName[] }} options
 * @returns {Promise<Score>}
 */
async function measure(page, name, before, { baseline, wrong, sets }) {
  const system = SYSTEMS[name];
  if (system === undefined) throw new Failure(`There is no flow "${name}".`);
  /** @type {Partial<Record<SetName, { score: number, baseline: number | null, freeBaseline: number | null, cases: number }>>} */
  const found = {};
  let ms = before?.ms ?? 0;
  const sample = { ...before?.sample };
  for (const set of sets) {
    const cases = readCases(name, set);
    const run = await runSet(page, name, cases, wrong && set === 'test');
    const single = baseline ? await runBaselines(page, name, cases) : undefined;
    const old = set === 'held-out' ? before : set === 'test' ? before?.development : before?.[set];
    found[set] = {
      score: shareOf(run.points),
      baseline: single?.constrained ?? old?.baseline ?? null,
      freeBaseline: single?.free ?? old?.freeBaseline ?? null,
      cases: cases.length,
    };
    if (set === 'held-out') ms = run.ms;
    sample[set] = round(sumOf(run.points.filter((_, index) => isSampled(name, index))));
  }
  const heldOut = found['held-out'] ?? before;
  const development = found.test ?? before?.development;
  if (heldOut === undefined || development === undefined)
    throw new Failure(`"${name}" has no committed score: measure all of its sets first.`);
  return {
    name,
    score: heldOut.score,
    baseline: heldOut.baseline,
    freeBaseline: heldOut.freeBaseline,
    cases: heldOut.cases,
    metric: system.metric,
    ms,
    ...(before?.firstScore === undefined ? {} : { firstScore: before.firstScore }),
    unseen: { ...before?.unseen, ...found.unseen },
    fresh: { ...before?.fresh, ...found.fresh },
    development,
    sample,
  };
}

/** @param {import('playwright').Page} page @param {string} name @param {any[]} cases @param {boolean} shows */
async function runSet(page, name, cases, shows) {
  const system = SYSTEMS[name];
  if (system === undefined) throw new Failure(`There is no flow "${name}".`);
  const start = performance.now();
  /** @type {number[]} */
  const points = [];
  for (const one of cases) {
    const { result, error } = await runInPage(page, { flow: name, input: system.input(one) });
    const point = error === undefined ? system.grade(one, result.output) : 0;
    points.push(point);
    if (!shows || point === 1) continue;
    const shown = JSON.stringify(error ?? system.shown(result.output)).slice(0, 500);
    console.error(name, point.toFixed(2), JSON.stringify(one).slice(0, 400), '→', shown);
  }
  return { points, ms: Math.round((performance.now() - start) / cases.length) };
}

/**
 * The tasks by themselves, on their sets.
 * @param {import('playwright').Page} page
 * @param {import('./eval/scores.mjs').TaskScore} before
 * @param {readonly SetName[]} sets
 * @param {boolean} wrong
 * @returns {Promise<import('./eval/scores.mjs').TaskScore>}
 */
async function measureTasks(page, before, sets, wrong) {
  let scores = before;
  for (const set of sets) {
    if (set === 'held-out') continue;
    const run = await runTaskSet(page, set, wrong && set === 'test');
    scores =
      set === 'unseen'
        ? { ...scores, ...run }
        : set === 'fresh'
          ? { ...scores, fresh: { ...scores.fresh, ...run } }
          : { ...scores, development: run };
  }
  return scores;
}

/** @param {import('playwright').Page} page @param {SetName} set @param {boolean} shows */
async function runTaskSet(page, set, shows) {
  /** @type {number[]} */
  const points = [];
  for (const one of readCases('tasks', set)) {
    const { result, error } = await runTask(page, one);
    const point = error === undefined ? gradeTask(one, result) : 0;
    points.push(point);
    if (shows && point < 1)
      console.error(one.task, JSON.stringify(one), '→', JSON.stringify(result ?? error).slice(0, 400));
  }
  return { score: shareOf(points), cases: points.length };
}
