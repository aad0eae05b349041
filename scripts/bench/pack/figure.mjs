/** @typedef {import('../../../src/protocol/index.ts').BenchFigure} BenchFigure */

/** Tokens that are written for a figure, as for our engines. */
export const DECODED_TOKENS = 192;

/**
 * The median of some rounds, told as news.
 * @param {BenchFigure['phase']} phase
 * @param {number} tokens
 * @param {number} rounds
 * @param {() => Promise<number>} rate Tokens a second of one round.
 * @param {(text: string) => void} onNews
 * @returns {Promise<BenchFigure>}
 */
export async function figureOf(phase, tokens, rounds, rate, onNews) {
  /** @type {number[]} */
  const rates = [];
  for (let round = 0; round < rounds; round++) rates.push(await rate());
  const middle = [...rates].sort((a, b) => a - b)[rounds >> 1] ?? 0;
  onNews(`${phase} ${tokens}: ${middle.toFixed(1)}`);
  return { phase, tokens, tokensPerSecond: middle, rounds: rates };
}
