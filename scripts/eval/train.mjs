import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.mjs';

const FOLDER = join(ROOT, 'flows/experts');

/** Experts that also learn the rows of another file: the English ones belong to the languages too. */
/** @type {Readonly<Record<string, readonly string[]>>} */
const ALSO = { 'regional-intent': ['intent'] };

/** @param {string} name @returns {{ label: string, text: string }[]} */
function rowsOf(name) {
  return readFileSync(join(FOLDER, `${name}.tsv`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((row) => ({ label: row.slice(0, row.indexOf('\t')), text: row.slice(row.indexOf('\t') + 1) }));
}

/**
 * Trains every expert of flows/experts in the browser and writes its artefact beside its rows.
 * @param {import('playwright').Page} page
 */
export async function trainExperts(page) {
  const names = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.tsv'))
    .map((file) => file.slice(0, -4));
  for (const name of names) {
    const rows = [name, ...(ALSO[name] ?? [])].flatMap(rowsOf);
    const { expert, mistakes, trainMs } = await page.evaluate(
      (request) => /** @type {any} */ (globalThis).sotto.experts.train(request),
      { id: name, rows },
    );
    writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(expert)}\n`);
    const { accuracy, macroF1, calibrationError } = expert.metrics;
    console.error(
      `${name}: ${rows.length} rows, cross-validated ${(accuracy * 100).toFixed(1)} % (F1 ${macroF1.toFixed(2)}, calibration ${calibrationError.toFixed(2)}), ${mistakes.length} mistakes, ${Math.round(trainMs)} ms; unknown below ${expert.unknownBelow.toFixed(2)}, unfamiliar below ${expert.unfamiliarBelow.toFixed(2)}`,
    );
  }
}
