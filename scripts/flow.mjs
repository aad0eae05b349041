import './lib/node-version.mjs';
import process from 'node:process';
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
    for (const input of options.inputs) {
      const flow = options.document ?? options.name;
      const seed = options.seed === undefined ? {} : { seed: options.seed };
      const { result, error } = await runInPage(page, { flow, input, ...seed });
      if (error !== undefined) report(error);
      else if (wantsJson) console.log(JSON.stringify({ flow: options.name, ...result }));
      else console.log(JSON.stringify(result.output, null, 2));
    }
  } finally {
    await close();
  }
}

/** @param {import('playwright').Page} page */
async function list(page) {
  const flows = await page.evaluate(() => /** @type {any} */ (globalThis).sotto.flows.list());
  if (wantsJson) return console.log(JSON.stringify({ flows }));
  for (const { id, name, description } of flows)
    console.log(`${id.padEnd(18)}${name}\n${' '.repeat(18)}${description}`);
}

/** @param {{ code: string, message: string, userAction: string }} error */
function report(error) {
  if (wantsJson) console.log(JSON.stringify({ error }));
  else console.error(`${error.message}\n${error.userAction}`);
  process.exitCode = 1;
}
