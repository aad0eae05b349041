import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';

const FOLDER = join(ROOT, 'flows/experts');

/** @typedef {Record<string, number>} Measures */
/** @typedef {{ isSaid: number, group: number, measures: Measures }} ClaimRow */

const VERDICTS = ['supported', 'contradicted', 'unsaid'];
const STEPS = 30;
/** Pull towards nought: a measure that few rows show must not decide. */
const REGULARISATION = 0.5;
const FOLDS = 6;

/** Texts with claims that they support, contradict, or say nothing of. */
function claimRows() {
  return readFileSync(join(FOLDER, 'claims.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((row) => JSON.parse(row))
    .flatMap((row, group) =>
      VERDICTS.flatMap((verdict) =>
        row[verdict].map((/** @type {string} */ claim) => ({
          text: /** @type {string} */ (row.text),
          verdict,
          claim,
          group,
        })),
      ),
    );
}

/**
 * Trains what says whether a sentence speaks of a claim, from what `task.verify` measures of each, and writes it beside its rows.
 * Claims of one text are alike: in cross-validation they are kept out together.
 * @param {(claim: string, document: string) => Promise<{ measures: Measures, verdict: string }>} verify
 */
export async function trainClaims(verify) {
  /** @type {ClaimRow[]} */
  const rows = [];
  for (const { text, verdict, claim, group } of claimRows()) {
    const { measures } = await verify(claim, text);
    rows.push({ isSaid: Number(verdict !== 'unsaid'), group, measures });
  }
  let right = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const weights = weightsOf(rows.filter(({ group }) => group % FOLDS !== fold));
    for (const { measures, isSaid } of rows.filter(({ group }) => group % FOLDS === fold))
      right += Number(chance(weights, measures) >= 0.5 === (isSaid === 1));
  }
  const accuracy = Number((right / rows.length).toFixed(3));
  const weights = Object.fromEntries(
    Object.entries(weightsOf(rows)).map(([name, value]) => [name, Number(value.toFixed(4))]),
  );
  writeFileSync(
    join(FOLDER, 'claim-head.json'),
    `${JSON.stringify({ rows: rows.length, crossValidatedAccuracy: accuracy, weights })}\n`,
  );
  return { rows: rows.length, accuracy };
}

/**
 * How often the whole check says rightly of those claims whether they are supported: rules and head together.
 * @param {(claim: string, document: string) => Promise<{ verdict: string }>} verify
 */
export async function checkClaims(verify) {
  const found = { right: 0, wronglySupported: 0, notSupported: 0, rows: 0 };
  for (const { text, verdict, claim } of claimRows()) {
    const isSupported = (await verify(claim, text)).verdict === 'supported';
    found.rows++;
    found.right += Number(isSupported === (verdict === 'supported'));
    found.notSupported += Number(verdict !== 'supported');
    found.wronglySupported += Number(isSupported && verdict !== 'supported');
  }
  return found;
}

/** @param {Measures} weights @param {Measures} measures */
function chance(weights, measures) {
  const score = Object.entries(measures).reduce(
    (sum, [name, value]) => sum + (weights[name] ?? 0) * value,
    weights['bias'] ?? 0,
  );
  return 1 / (1 + Math.exp(-score));
}

/** Newton's method on a convex loss: the same rows give the same weights. @param {readonly ClaimRow[]} rows */
function weightsOf(rows) {
  const names = [...Object.keys(rows[0]?.measures ?? {}), 'bias'];
  /** @type {Measures} */
  let weights = Object.fromEntries(names.map((name) => [name, 0]));
  for (let step = 0; step < STEPS; step++) {
    const slope = names.map((name) => (name === 'bias' ? 0 : REGULARISATION * (weights[name] ?? 0)));
    const curve = names.map((name, row) =>
      names.map((_, column) => (row === column ? (name === 'bias' ? 1e-6 : REGULARISATION) : 0)),
    );
    for (const { measures, isSaid } of rows) {
      const values = names.map((name) => (name === 'bias' ? 1 : (measures[name] ?? 0)));
      const guess = chance(weights, measures);
      for (const [row, value] of values.entries()) {
        slope[row] = (slope[row] ?? 0) + (guess - isSaid) * value;
        const line = /** @type {number[]} */ (curve[row]);
        for (const [column, other] of values.entries())
          line[column] = (line[column] ?? 0) + guess * (1 - guess) * value * other;
      }
    }
    const move = solve(curve, slope);
    weights = Object.fromEntries(names.map((name, index) => [name, (weights[name] ?? 0) - (move[index] ?? 0)]));
  }
  return weights;
}

/** Gaussian elimination; the matrix is symmetric and positive. @param {number[][]} matrix @param {number[]} right */
function solve(matrix, right) {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  const at = (/** @type {number} */ row, /** @type {number} */ column) => rows[row]?.[column] ?? 0;
  for (let pivot = 0; pivot < rows.length; pivot++) {
    for (let row = 0; row < rows.length; row++) {
      if (row === pivot) continue;
      const factor = at(row, pivot) / at(pivot, pivot);
      rows[row] = (rows[row] ?? []).map((value, column) => value - factor * at(pivot, column));
    }
  }
  return rows.map((row, index) => (row.at(-1) ?? 0) / (row[index] ?? 1));
}
