/** @typedef {import('./ties.mjs').Verdict} Verdict */

/**
 * Counts of one file's verdicts.
 * @param {readonly Verdict[]} verdicts
 */
export function totalsOf(verdicts) {
  const count = (/** @type {(verdict: Verdict) => boolean} */ is) => verdicts.filter(is).length;
  const totals = {
    texts: verdicts.length,
    tokens: verdicts.reduce((sum, { tokens }) => sum + tokens, 0),
    equal: count(({ kind }) => kind === 'equal'),
    ties: count(({ kind }) => kind === 'tie'),
    near: count(({ kind }) => kind === 'near'),
    apart: count(({ kind }) => kind === 'apart' || kind === 'other-prompt'),
    ours: count(({ right }) => right === 'sotto'),
    theirs: count(({ right }) => right === 'llama.cpp'),
    neither: count(({ right }) => right === 'neither'),
  };
  const { texts, tokens, equal, ties, near, apart, ours, theirs } = totals;
  const text = `${texts} texts, ${tokens} tokens equal: ${equal} to the end, ${ties} up to a tie, ${near} nearly, ${apart} apart; exact sides with Sotto ${ours}, with llama.cpp ${theirs}`;
  return { ...totals, text };
}

/**
 * A line for each text that parts from llama.cpp's.
 * @param {readonly Verdict[]} verdicts
 */
export function partingsOf(verdicts) {
  return verdicts.flatMap(({ kind, tokens, margin, error, right }) =>
    kind === 'equal' ? [] : [`  ${kind} after ${tokens}: ${margin.toFixed(4)} of ${error.toFixed(4)}, ${right}`],
  );
}

const HEAD = [
  'file',
  'tokens equal',
  'texts equal to the end',
  'up to a tie',
  'nearly',
  'apart',
  'exact takes ours',
  'llama.cpp’s',
  'neither',
];

/** @param {readonly (readonly string[])[]} rows The first is the head. */
function tableOf(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...rest] = rows.map(
    (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`,
  );
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest];
}

/**
 * The page of docs/models that says what was compared.
 * @param {readonly string[]} types In the order of the table.
 * @param {Readonly<Record<string, readonly Verdict[]>>} verdicts
 */
export function greedyPage(types, verdicts) {
  const rows = types.flatMap((type) => {
    if (verdicts[type] === undefined) return [];
    const { tokens, equal, ties, near, apart, ours, theirs, neither } = totalsOf(verdicts[type]);
    return [[type, tokens, equal, ties, near, apart, ours, theirs, neither].map(String)];
  });
  return [
    '# Greedy answers of quantised files',
    '',
    'Made by a run of `scripts/check-quantised.mjs`; not edited by hand. llama.cpp quantised the trained weights of the',
    'embedded SmolLM2-135M-Instruct to each type; `npm run ask -- --model FILE --backend cpu --temperature 0` answered a',
    'dozen prompts in five languages in Chromium, 64 tokens each, and so did llama.cpp on the same file.',
    '',
    'Where the two part, exact arithmetic decides: the same weights, dequantised, with float activations and a float cache.',
    'It is a _tie_ where the two candidates lie nearer there than llama.cpp itself errs at that place by rounding',
    'activations and cache: it might as well have taken the other one. It is _nearly_ one where llama.cpp errs by as much',
    'elsewhere in the same text. What follows a parting is not compared.',
    '',
    'Rows of this model have 576 values, which blocks of 256 do not fit: in files of such types llama.cpp writes only the',
    '`ffn_down` matrices, a quarter of the weights, in them, and the others in types of 32. IQ1 and IQ2 files were made with an',
    'importance matrix that holds all columns for as important; without one llama.cpp makes none.',
    '',
    ...tableOf([HEAD, ...rows]),
    '',
  ].join('\n');
}

/**
 * The page of docs/models that says what was compared of every family.
 * @param {Readonly<Record<string, { type: string, verdicts: readonly Verdict[] }>>} results
 */
export function familiesPage(results) {
  const rows = Object.entries(results).map(([name, { type, verdicts }]) => {
    const { tokens, equal, ties, near, apart, ours, theirs, neither } = totalsOf(verdicts);
    return [name, type, ...[tokens, equal, ties, near, apart, ours, theirs, neither].map(String)];
  });
  return [
    '# Greedy continuations of every family',
    '',
    'Made by a run of `scripts/check-families.mjs`; not edited by hand. Tiny files of random weights with real vocabularies, as',
    'converters write them; `npm run ask -- --model FILE --backend cpu --temperature 0 --raw` continued five texts in Chromium, one of',
    'them long, by 24 tokens, and so did llama.cpp. What a tie is stands in [greedy.md](greedy.md).',
    '',
    ...tableOf([['model', 'weights', ...HEAD.slice(1)], ...rows]),
    '',
  ].join('\n');
}
