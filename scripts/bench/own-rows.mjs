import { median } from './statistics.mjs';
import { promptOf } from './workload.mjs';

/** Rows that measure Sotto against itself: no peer takes part. @typedef {import('./measure.mjs').Row} Row */

/**
 * How many times sooner Sotto has a text that repeats itself when it may guess.
 * @param {import('./engine.mjs').Engine} sotto
 * @param {import('./workload.mjs').SpeculationTask} task
 * @param {{ title: string, threads: number, rounds: number, report: (line: string) => void }} options
 * @returns {Promise<Row>}
 */
export async function speculationRow(sotto, { id, prompt, maxTokens }, { title, threads, rounds, report }) {
  /** @type {Record<'auto' | 'off', number[]>} */
  const rates = { auto: [], off: [] };
  for (let round = 1; round <= rounds; round += 1) {
    report(`${threads} thread(s), guessing, ${id}, round ${round} of ${rounds}`);
    for (const speculation of /** @type {const} */ (['off', 'auto'])) {
      const completion = await sotto.complete({ prompt, maxTokens, speculation });
      rates[speculation].push(completion.decodeTokensPerSecond);
    }
  }
  const [auto, off] = [median(rates.auto), median(rates.off)];
  return { id: `speculation-${id}`, title, unit: 'tok/s', threads, sotto: auto, wllama: null, ratio: auto / off };
}

/**
 * How long a new page takes to answer about a long text whose reading was kept, and how many times sooner that is than
 * with the text to be read again.
 * @param {import('./engine.mjs').Engine} sotto
 * @param {{ options: { threads: number, contextLength: number }, tokens: number, variant: number, title: string, rounds: number,
 *   report: (line: string) => void }} wish
 * @returns {Promise<Row>}
 */
export async function documentRow(sotto, { options, tokens, variant, title, rounds, report }) {
  const { keepText, forgetTexts, coldPage } = sotto;
  if (keepText === undefined || forgetTexts === undefined || coldPage === undefined) {
    throw new Error('it keeps no texts');
  }
  /** @type {Record<'kept' | 'read', number[]>} */
  const times = { kept: [], read: [] };
  const question = promptOf(16, variant);
  const ask = async (/** @type {number} */ other, /** @type {boolean} */ isKept) => {
    const { firstTokenMs, cachedTokens } = await coldPage(options, promptOf(tokens, other) + question);
    if (cachedTokens >= tokens !== isKept) throw new Error(`${cachedTokens} of ${tokens} tokens were there`);
    times[isKept ? 'kept' : 'read'].push(firstTokenMs);
  };
  report(`${options.threads} thread(s), a long text is read and kept`);
  await keepText(promptOf(tokens, variant));
  for (let round = 1; round <= rounds; round += 1) {
    report(`${options.threads} thread(s), a long text after a reload, round ${round} of ${rounds}`);
    await ask(variant, true);
    // Reading it anew takes so long that one time is like another.
    if (round === 1) await ask(variant + round, false);
  }
  await forgetTexts();
  const [kept, read] = [median(times.kept), median(times.read)];
  const { threads } = options;
  return { id: 'documentAfterReload', title, unit: 'ms', threads, sotto: kept, wllama: null, ratio: read / kept };
}
