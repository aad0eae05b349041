import './lib/node-version.mjs';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { readArguments } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { CACHE } from './lib/paths.mjs';
import { run, runTool } from './lib/run.mjs';
import {
  failedAtOnce,
  formatTotals,
  readTotals,
  totalsOfChecks,
  totalsOfPlaywright,
  totalsOfVitest,
  totalsTogether,
} from './lib/totals.mjs';

const HELP = `npm test -- [options]

Installs what is missing (a Chromium too), builds, and runs every check and test.

  --only NAME   check, unit, browser or e2e; may be given more than once
  --help        this text`;

const REPORTS = join(CACHE, 'reports');

/** No runner takes this long; one that hangs must not hang whoever waits for it. */
const LONGEST_RUN_MS = 25 * 60_000;

const streamed = { passThrough: true, timeoutMs: LONGEST_RUN_MS };

/**
 * A runner of tests: what it needs first, how it starts (resolving when it has ended), how its report is read.
 * @typedef {object} Suite
 * @property {() => Promise<unknown>} prepare
 * @property {(report: string) => Promise<import('./lib/run.mjs').RunResult>} start
 * @property {(report: any) => import('./lib/totals.mjs').Totals} totalsOf
 */

/**
 * @param {string} project
 * @param {() => Promise<unknown>} prepare
 * @returns {Suite}
 */
const vitest = (project, prepare) => ({
  prepare,
  totalsOf: totalsOfVitest,
  start: (report) =>
    runTool(
      'vitest/vitest.mjs',
      ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      streamed,
    ),
});

/** @type {Readonly<Record<string, Suite>>} */
const SUITES = {
  check: {
    prepare: async () => {},
    totalsOf: totalsOfChecks,
    start: (report) => run(process.execPath, ['scripts/check.mjs', '--report', report], streamed),
  },
  unit: vitest('node', async () => {}),
  browser: vitest('browser', ensureChromium),
  e2e: {
    prepare: async () => {
      await ensureChromium();
      await ensureBuilt();
    },
    totalsOf: totalsOfPlaywright,
    start: (report) =>
      runTool('@playwright/test/cli.js', ['test', '--reporter=list,json'], {
        ...streamed,
        environment: { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
      }),
  },
};

await runCommand(async () => {
  const { values } = readArguments({
    options: { only: { type: 'string', multiple: true, default: [] }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(HELP);
  const unknown = values.only.find((name) => !(name in SUITES));
  if (unknown !== undefined) throw new Failure(`--only takes ${Object.keys(SUITES).join(', ')}, not "${unknown}".`);

  /** @type {Record<string, import('./lib/totals.mjs').Totals>} */
  const suites = {};
  try {
    await runSuites(values.only, suites);
  } catch (error) {
    // Whatever stops the run, the closing line has to say that it failed.
    console.error(error instanceof Failure ? error.message : error);
    suites['the run'] = failedAtOnce(error instanceof Error ? error.message : String(error));
  }
  const total = totalsTogether(suites);
  // Again at the end: of a long log often only the end is kept.
  for (const line of total.failures) console.log(`✗ ${line}`);
  console.log(`\n${formatTotals(total)}`);
  if (total.failed > 0) process.exitCode = 1;
});

/**
 * @param {readonly string[]} only Names of suites; empty: all.
 * @param {Record<string, import('./lib/totals.mjs').Totals>} ended By name, added to as the suites end.
 */
async function runSuites(only, ended) {
  await ensureDependencies();
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  for (const [name, suite] of Object.entries(SUITES)) {
    if (only.length > 0 && !only.includes(name)) continue;
    console.log(`\n— ${name} —`);
    const report = join(REPORTS, `${name}.json`);
    const totals = await runSuite(suite, report);
    console.log(`${name}: ${formatTotals(totals)}`);
    ended[name] = totals;
  }
}

/**
 * What could not be prepared could not be tested either: it counts as one failed, and the other suites still run.
 * @param {Suite} suite
 * @param {string} report
 * @returns {Promise<ReturnType<typeof readTotals>>}
 */
async function runSuite(suite, report) {
  try {
    await suite.prepare();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return failedAtOnce(`it cannot start. ${error.message}`);
  }
  const { exitCode } = await suite.start(report);
  return readTotals(report, exitCode, suite.totalsOf);
}
