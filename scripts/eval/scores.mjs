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
 * @property {{ score: number, cases: number, first?: number, whole?: { score: number, cases: number } }} [unseen] `first`: what these
 *   cases scored when they were first run; `whole`: all that were written with them, before half of them went to development.
 * @property {{ score: number, baseline: number | null, freeBaseline: number | null, cases: number }} development
 */

/** The tasks by themselves. @typedef {{ score: number, cases: number, first?: number, whole?: { score: number, cases: number }, development?: { score: number, cases: number } }} TaskScore */

/** What rounding and another machine's last bits may move. */
const SLACK = 0.005;

/** @param {number | null | undefined} value */
export const percent = (value) => (value === null || value === undefined ? '–' : `${(value * 100).toFixed(1)} %`);

/** @param {Score | undefined} score */
export function line(score) {
  if (score === undefined) return '';
  const { name, baseline, cases, ms, development } = score;
  return `${name.padEnd(18)} ${percent(score.score).padStart(8)}  single model ${percent(baseline).padStart(8)}  ${cases} cases  (unseen ${percent(score.unseen?.score)}, development ${percent(development.score)})  ${ms} ms a case`;
}

/**
 * Names of flows that do worse than they are said to do, on any set.
 * @param {{ flows: readonly Score[], tasks: TaskScore }} measured
 * @param {{ flows: readonly Score[], tasks: TaskScore }} committed
 */
export function worseThan({ flows, tasks }, { flows: before, tasks: tasksBefore }) {
  return [
    ...worseFlows(flows, before),
    ...(tasks.score < tasksBefore.score - SLACK ? [`tasks ${percent(tasks.score)}`] : []),
  ];
}

/** @param {readonly Score[]} flows @param {readonly Score[]} committed */
function worseFlows(flows, committed) {
  return flows.flatMap(({ name, score, unseen, development }) => {
    const before = committed.find((one) => one.name === name);
    if (before === undefined) return [];
    const isWorse =
      score < before.score - SLACK ||
      (unseen?.score ?? 1) < (before.unseen?.score ?? 0) - SLACK ||
      development.score < before.development.score - SLACK;
    return isWorse
      ? [`${name} ${percent(score)} (unseen ${percent(unseen?.score)}, development ${percent(development.score)})`]
      : [];
  });
}
