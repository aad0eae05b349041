import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ROOT } from '../lib/paths.mjs';
import { checkClaims, trainClaims } from './train-claims.mjs';

const FOLDER = join(ROOT, 'flows/experts');

/** Experts that also learn the rows of another file: the English ones belong to the languages too. */
/** @type {Readonly<Record<string, readonly string[]>>} */
const ALSO = { 'regional-intent': ['intent'] };

/** Room for pieces of words: of seven languages there are more. @type {Readonly<Record<string, number>>} */
const BUCKETS = { 'regional-intent': 4096 };

/** @param {string} name @returns {{ label: string, text: string }[]} */
function rowsOf(name) {
  return readFileSync(join(FOLDER, `${name}.tsv`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((row) => ({ label: row.slice(0, row.indexOf('\t')), text: row.slice(row.indexOf('\t') + 1) }));
}

/** A row that is nearer to a held-out text than this (cosine of the sentence vectors) says the same in other words. */
const TOO_NEAR = 0.75;

/** Every text that is kept away from training. @returns {string[]} */
function heldOutTexts() {
  const flows = join(ROOT, 'flows');
  return readdirSync(flows, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => ['held-out', 'unseen', 'fresh'].map((set) => join(flows, name, `${set}.jsonl`)))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').filter(Boolean))
    .flatMap((row) => {
      const { text, given } = JSON.parse(row);
      if (typeof given?.text === 'string') return [given.text];
      return typeof text === 'string' && text.length < 400 ? [text] : [];
    });
}

/**
 * Rows that do not say what a held-out case says.
 * @param {import('playwright').Page} page
 * @param {{ label: string, text: string }[]} rows
 */
async function withoutHeldOut(page, rows) {
  const near = await page.evaluate(
    async ([texts, kept, limit]) => {
      const { sotto } = /** @type {any} */ (globalThis);
      const [own, others] = [await sotto.embeddings.vectors(texts), await sotto.embeddings.vectors(kept)];
      const size = own.dimensions;
      return texts.map((_, row) =>
        kept.some((_, at) => {
          let dot = 0;
          for (let i = 0; i < size; i++) dot += own.vectors[row * size + i] * others.vectors[at * size + i];
          return dot >= limit;
        }),
      );
    },
    /** @type {const} */ ([rows.map(({ text }) => text), heldOutTexts(), TOO_NEAR]),
  );
  return rows.filter((_, index) => !near[index]);
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
    const all = [name, ...(ALSO[name] ?? [])].flatMap(rowsOf);
    const rows = await withoutHeldOut(page, all);
    const { expert, mistakes, trainMs } = await page.evaluate(
      (request) => /** @type {any} */ (globalThis).sotto.experts.train(request),
      { id: name, rows, settings: { ngramBuckets: BUCKETS[name] ?? 2048 } },
    );
    writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify(expert)}\n`);
    const { accuracy, macroF1, calibrationError } = expert.metrics;
    console.error(
      `${name}: ${rows.length} rows (${all.length - rows.length} left out: too near to held-out cases), cross-validated ${(accuracy * 100).toFixed(1)} % (F1 ${macroF1.toFixed(2)}, calibration ${calibrationError.toFixed(2)}), ${mistakes.length} mistakes, ${Math.round(trainMs)} ms; unknown below ${expert.unknownBelow.toFixed(2)}, unfamiliar below ${expert.unfamiliarBelow.toFixed(2)}`,
    );
  }
  const verify = async (/** @type {string} */ claim, /** @type {string} */ document) => {
    const { claims } = await page.evaluate(
      (given) => /** @type {any} */ (globalThis).sotto.tasks.run('task.verify', given),
      { claims: [claim], documents: [document] },
    );
    return claims[0];
  };
  const { rows, accuracy } = await trainClaims(verify);
  console.error(`claims: ${rows} rows, cross-validated ${(accuracy * 100).toFixed(1)} % (said or not)`);
  // The page holds the head of its build: with a new one this tells of the one before.
  const { right, wronglySupported, notSupported } = await checkClaims(verify);
  console.error(
    `claims: supported or not is right of ${right} of ${rows}; ${wronglySupported} of ${notSupported} that are not pass as supported`,
  );
  // As the repository writes JSON, so that training again from the same rows changes no byte of a file.
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'format', '--write', FOLDER], { cwd: ROOT, stdio: 'ignore' });
}
