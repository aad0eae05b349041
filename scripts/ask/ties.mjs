/**
 * A prompt's greedy continuation by llama.cpp on a quantised file, and at each of its tokens the logits of the likeliest
 * candidates: as llama.cpp computed them, and in exact arithmetic on the same weights (scripts/goldens/quantised.py).
 * @typedef {object} OracleCase
 * @property {readonly number[]} promptTokenIds
 * @property {readonly number[]} tokenIds
 * @property {readonly Place[]} places
 * @property {readonly number[]} [endTokenIds] Candidates that would end the text.
 * @typedef {{ ids: readonly number[], quantised: readonly number[], exact: readonly number[] }} Place
 */

/**
 * @typedef {object} Verdict
 * @property {'equal' | 'tie' | 'near' | 'apart' | 'other-prompt'} kind `near`: no tie by llama.cpp's error at that very place,
 * one by its error elsewhere in the text. `apart`: another token where there was no tie.
 * @property {number} tokens How many were equal.
 * @property {number} margin How far exact arithmetic has llama.cpp's token above the engine's; negative: below.
 * @property {number} error How far llama.cpp errs there.
 * @property {'llama.cpp' | 'sotto' | 'neither' | undefined} right Whose token exact arithmetic takes.
 */

/**
 * How far llama.cpp errs at a place: the most by which it shifts two of the likeliest candidates against each other.
 * @param {Place} place
 */
function errorAt({ ids, quantised, exact }) {
  const errors = ids.map((_, index) => valueAt(quantised, index) - valueAt(exact, index));
  return Math.max(...errors) - Math.min(...errors);
}

/** @type {Omit<Verdict, 'kind' | 'tokens'>} */
const NOTHING = { margin: 0, error: 0, right: undefined };

/**
 * Where an answer parts from llama.cpp's, and whether that is a tie: in exact arithmetic the two candidates lie nearer than
 * llama.cpp itself errs at that place, because it rounds activations and cache.
 * @param {OracleCase} oracle
 * @param {{ promptTokenIds: readonly number[], tokenIds: readonly number[] }} answer
 * @returns {Verdict}
 */
export function judge({ promptTokenIds, tokenIds, places, endTokenIds = [] }, answer) {
  if (`${promptTokenIds}` !== `${answer.promptTokenIds}`) return { kind: 'other-prompt', tokens: 0, ...NOTHING };
  const at = tokenIds.findIndex((token, index) => answer.tokenIds[index] !== token);
  // Answers leave out the token that ends them, the last one of the oracle's.
  const isEnd = at === tokenIds.length - 1 && answer.tokenIds.length === at;
  if (at === -1 || isEnd) return { kind: 'equal', tokens: tokenIds.length, ...NOTHING };
  const place = /** @type {Place} */ (places[at]);
  const { ids, exact } = place;
  const theirs = ids.indexOf(/** @type {number} */ (tokenIds[at]));
  const own = answer.tokenIds[at];
  const ours = ids.findIndex((id) => (own === undefined ? endTokenIds.includes(id) : id === own));
  const error = errorAt(place);
  const margin = ours === -1 ? Number.POSITIVE_INFINITY : valueAt(exact, theirs) - valueAt(exact, ours);
  const best = exact.indexOf(Math.max(...exact));
  const right = best === theirs ? 'llama.cpp' : best === ours ? 'sotto' : 'neither';
  const kind = margin <= error ? 'tie' : margin <= Math.max(...places.map(errorAt)) ? 'near' : 'apart';
  return { kind, tokens: at, margin, error, right };
}

/** @param {readonly number[]} values @param {number} index */
const valueAt = (values, index) => /** @type {number} */ (values[index]);
