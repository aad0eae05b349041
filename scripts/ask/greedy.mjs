/**
 * A text and its greedy continuation in exact float.
 * @typedef {object} GreedyCase
 * @property {string} prompt
 * @property {string} [system]
 * @property {readonly number[]} promptTokenIds
 * @property {readonly number[]} tokenIds
 * @property {readonly number[]} margins Of each token: how far its logit is above the next best.
 */

/** @typedef {{ promptTokenIds: readonly number[], tokenIds: readonly number[], backend: string }} GreedyAnswer */

/**
 * Compares answers with what exact float says. An answer may part from it at a token whose margin is below `nearTie`, and
 * what follows then is not compared.
 * @param {readonly GreedyCase[]} cases
 * @param {readonly GreedyAnswer[]} answers In the same order.
 * @param {{ nearTie: number, tokens: number }} options `tokens`: how many were asked for.
 */
export function compareGreedy(cases, answers, { nearTie, tokens }) {
  const lines = [];
  const totals = { equal: 0, whole: 0, tied: 0, wrong: 0, text: '' };
  for (const [index, { prompt, promptTokenIds, tokenIds, margins }] of cases.entries()) {
    const answer = answers[index];
    const wanted = tokenIds.slice(0, tokens);
    const name = JSON.stringify(prompt.slice(0, 40));
    if (answer === undefined || !isSame(answer.promptTokenIds, promptTokenIds)) {
      totals.wrong += 1;
      lines.push(`${name}: ${answer === undefined ? 'no answer' : 'the prompt was read as other tokens'}`);
      continue;
    }
    const parts = wanted.findIndex((token, at) => answer.tokenIds[at] !== token && !isEnd(answer, at, wanted.length));
    if (parts === -1) {
      totals.whole += 1;
      totals.equal += wanted.length;
      lines.push(`${name}: ${wanted.length} tokens equal (${answer.backend})`);
      continue;
    }
    totals.equal += parts;
    const margin = margins[parts] ?? 0;
    if (margin < nearTie) totals.tied += 1;
    else totals.wrong += 1;
    const verdict = margin < nearTie ? 'a near-tie' : 'WRONG';
    lines.push(`${name}: ${parts} tokens equal, then another one at a margin of ${margin}: ${verdict}`);
  }
  totals.text = `${cases.length} texts, ${totals.equal} tokens equal: ${totals.whole} to the end, ${totals.tied} up to a near-tie, ${totals.wrong} wrong`;
  return { lines, totals };
}

/** @param {readonly number[]} a @param {readonly number[]} b */
const isSame = (a, b) => a.length === b.length && a.every((value, index) => value === b[index]);

/**
 * Whether an answer simply ended where exact float gives the token that ends answers, which answers leave out.
 * @param {GreedyAnswer} answer
 * @param {number} at
 * @param {number} length
 */
const isEnd = (answer, at, length) => at === length - 1 && answer.tokenIds.length === at;
