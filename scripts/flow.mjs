import './lib/node-version.mjs';
import process from 'node:process';
import { expandInput } from './flow/expand.mjs';
import { HELP, readOptions } from './flow/options.mjs';
import { openLibrary, runInPage } from './flow/session.mjs';
import { Failure } from './lib/failure.mjs';

const parameters = process.argv.slice(2);
const wantsJson = parameters.includes('--json');

try {
  await main();
} catch (error) {
  const isExpected = error instanceof Failure;
  report({
    code: isExpected ? 'invalid-option' : 'internal',
    message: error instanceof Error ? error.message : String(error),
    userAction: isExpected ? 'Correct what the message names; --help shows every option.' : 'Please report this.',
  });
}

async function main() {
  const options = readOptions(parameters);
  if (options.mode === 'help') return console.log(HELP);
  const { page, close } = await openLibrary();
  const stop = () => void close().finally(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    if (options.mode === 'list') return await list(page);
    const isOne = options.inputs.length === 1;
    for (const given of options.inputs) {
      for (const input of await expandInput(page, options.name, given, options.extra ?? {})) {
        await runOne(page, options, input, isOne && input.source === given.source);
      }
    }
  } finally {
    await close();
  }
}

/**
 * One input through the flow. What cannot be read is said with its name, and the others go on.
 * @param {import('playwright').Page} page
 * @param {import('./flow/options.mjs').FlowOptions} options
 * @param {import('./flow/options.mjs').FlowInput} input
 * @param {boolean} isOnly
 */
async function runOne(page, options, { source, value, problem }, isOnly) {
  const named = isOnly ? {} : { input: source };
  if (problem !== undefined) {
    return report(
      { code: 'task-input', message: problem, userAction: 'Correct this input; the others were run.' },
      named,
    );
  }
  const flow = options.document ?? options.name;
  const seed = options.seed === undefined ? {} : { seed: options.seed };
  const { result, error } = await runInPage(page, { flow, input: value, ...seed });
  if (error !== undefined) return report(error, named);
  if (wantsJson) return console.log(JSON.stringify({ flow: options.name, ...named, ...result }));
  if (!isOnly) console.log(`${source}:`);
  console.log(JSON.stringify(result.output, null, 2));
}

/** @param {import('playwright').Page} page */
async function list(page) {
  const flows = await page.evaluate(() => /** @type {any} */ (globalThis).sotto.flows.list());
  if (wantsJson) return console.log(JSON.stringify({ flows }));
  for (const { id, name, description } of flows)
    console.log(`${id.padEnd(18)}${name}\n${' '.repeat(18)}${description}`);
}

/** @param {{ code: string, message: string, userAction: string }} error @param {{ input?: string }} [named] */
function report(error, named = {}) {
  if (wantsJson) console.log(JSON.stringify({ ...named, error }));
  else console.error(`${named.input === undefined ? '' : `${named.input}: `}${error.message}\n${error.userAction}`);
  process.exitCode = 1;
}
