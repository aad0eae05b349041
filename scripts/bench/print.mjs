import { formatChart, formatTable } from './result.mjs';

const RATIOS = new Map([
  ['decodeVsWllama', 'decode, × wllama'],
  ['prefillVsWllama', 'prefill, × wllama'],
  ['decodeVsNative', 'decode, × native llama.cpp'],
  ['prefillVsNative', 'prefill, × native llama.cpp'],
  ['decodeShareOfBandwidth', 'decode, share of the memory bandwidth'],
  ['contextSlope', 'decode at 4,000 tokens against 16'],
  ['secondTurnVsWllama', 'first token of the second turn, × sooner than wllama'],
  ['speculationSpeedup', 'repeated text, with guessing against without'],
]);

/**
 * Table, chart where there are several peers, and the ratios, on stdout.
 * @param {Awaited<ReturnType<typeof import('./compare.mjs').compare>>} result
 */
export function printForPeople({ environment, rows, ratios, failures }) {
  const { processor, browser, rounds } = environment;
  const bandwidth = 'bandwidth' in environment ? environment.bandwidth : undefined;
  console.log(`${processor}, Chromium ${browser}, medians of ${rounds} rounds\n`);
  console.log(formatTable(rows));
  const factor = (/** @type {number | null | undefined} */ ratio) =>
    typeof ratio === 'number' ? ratio.toFixed(2) : '–';
  if (bandwidth !== undefined) {
    console.log(`\n${formatChart(rows)}\n`);
    for (const [threads, rate] of Object.entries(bandwidth)) {
      console.log(`memory bandwidth from WASM, ${threads} thread(s): ${rate.toFixed(1)} GB/s`);
    }
  }
  /** @type {Map<string, string[]>} */
  const left = new Map();
  for (const { engine, threads, what, reason } of failures) {
    const head = `${engine}, ${threads} thread(s), ${reason}`;
    left.set(head, [...(left.get(head) ?? []), what]);
  }
  for (const [head, whats] of left) console.log(`\nleft out: ${head}: ${[...new Set(whats)].join('; ')}`);
  console.log('\nAt least, over all rows:');
  for (const [name, title] of RATIOS) {
    if (name in ratios) console.log(`  ${title}: ${factor(/** @type {any} */ (ratios)[name])}`);
  }
  const { sottoEngineBytes, sottoTargetBytes, measure: how } = environment.memory;
  const megabytes = (/** @type {number | null} */ bytes) => (bytes === null ? '–' : `${(bytes / 1e6).toFixed(0)} MB`);
  console.log(
    `\nSotto's engine holds ${megabytes(sottoEngineBytes)}; 1.5 × file + KV cache is ${megabytes(sottoTargetBytes)}.`,
  );
  console.log(`Memory: ${how}.`);
}
