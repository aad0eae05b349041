/**
 * How one flow does. `score` and `baseline` are on the held-out cases; `baseline`: one small model, its answer constrained to those
 * asked for; `freeBaseline`: the same model, free in what it writes; `firstScore`: the flow when the held-out set was first run.
 * @typedef {object} Score
 * @property {string} name
 * @property {number} score
 * @property {number | null} baseline
 * @property {number | null} freeBaseline
 * @property {number} cases
 * @property {string} metric
 * @property {number} ms A case.
 * @property {number} [firstScore]
 * @property {LaterSet} [unseen]
 * @property {LaterSet} [fresh]
 * @property {{ score: number, baseline: number | null, freeBaseline: number | null, cases: number }} development
 * @property {Partial<Record<import('./cases.mjs').SetName, number>>} [sample] Points of the cases that `npm test` runs (cases.mjs), by set.
 */

/**
 * Cases that were written when the flow was there. `first`: what they scored when they were first run; `whole`: all that were written
 * with them, before half of them went to development.
 * @typedef {object} LaterSet
 * @property {number} [score]
 * @property {number} [cases]
 * @property {number | null} [baseline]
 * @property {number | null} [freeBaseline]
 * @property {number} [first]
 * @property {{ score: number, cases: number }} [whole]
 */

/** The tasks by themselves. @typedef {LaterSet & { score: number, cases: number, fresh?: LaterSet, development?: { score: number, cases: number } }} TaskScore */

/** What rounding and another machine's last bits may move. */
const SLACK = 0.005;

/** @param {number | null | undefined} value */
export const percent = (value) => (value === null || value === undefined ? '–' : `${(value * 100).toFixed(1)} %`);

/** @param {Score | undefined} score */
export function line(score) {
  if (score === undefined) return '';
  const { name, baseline, cases, ms, development } = score;
  return `${name.padEnd(18)} ${percent(score.score).padStart(8)}  single model ${percent(baseline).padStart(8)}  ${cases} cases  (unseen ${percent(score.unseen?.score)}, fresh ${percent(score.fresh?.score)}, development ${percent(development.score)})  ${ms} ms a case`;
}

/** @param {TaskScore} score */
export function tasksLine({ score, fresh, development }) {
  return `${'tasks'.padEnd(18)} unseen ${percent(score)}, fresh ${percent(fresh?.score)}, development ${percent(development?.score)}`;
}

/**
 * Names of flows that do worse than they are said to do, on any set.
 * @param {{ flows: readonly Score[], tasks: TaskScore }} measured
 * @param {{ flows: readonly Score[], tasks: TaskScore }} committed
 */
export function worseThan({ flows, tasks }, { flows: before, tasks: tasksBefore }) {
  return [
    ...worseFlows(flows, before),
    ...(tasks.score < tasksBefore.score - SLACK || (tasks.fresh?.score ?? 1) < (tasksBefore.fresh?.score ?? 0) - SLACK
      ? [tasksLine(tasks)]
      : []),
  ];
}

/** @param {readonly Score[]} flows @param {readonly Score[]} committed */
function worseFlows(flows, committed) {
  return flows.flatMap(({ name, score, unseen, fresh, development }) => {
    const before = committed.find((one) => one.name === name);
    if (before === undefined) return [];
    const isWorse =
      score < before.score - SLACK ||
      (unseen?.score ?? 1) < (before.unseen?.score ?? 0) - SLACK ||
      (fresh?.score ?? 1) < (before.fresh?.score ?? 0) - SLACK ||
      development.score < before.development.score - SLACK;
    return isWorse
      ? [
          `${name} ${percent(score)} (unseen ${percent(unseen?.score)}, fresh ${percent(fresh?.score)}, development ${percent(development.score)})`,
        ]
      : [];
  });
}
