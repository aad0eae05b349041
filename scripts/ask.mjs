import './lib/node-version.mjs';
import process from 'node:process';
import { answerInPage, loadInPage } from './ask/in-page.mjs';
import { HELP, readOptions } from './ask/options.mjs';
import { createOutput } from './ask/output.mjs';
import { takeProfile } from './ask/profile.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { Failure } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { openProductBrowser, PRODUCT_ORIGIN } from './lib/product-browser.mjs';
import { serveProduct } from './lib/server.mjs';

/** A page of the product's origin that holds nothing of the app: the library is alone there. */
const BLANK = {
  '/ask.html': '<!doctype html><html lang="en"><title>ask</title><input type="file" multiple><input type="file">',
};

const parameters = process.argv.slice(2);
const output = createOutput({ wantsJson: parameters.includes('--json') });

/** Undone in reverse order, whether the run ends well, badly or by Ctrl+C. @type {(() => unknown)[]} */
const cleanUp = [];
/** @type {Promise<void> | undefined} */
let cleaned;
const cleanUpOnce = () => {
  cleaned ??= (async () => {
    for (const undo of cleanUp.reverse()) await Promise.resolve(undo()).catch(() => {});
  })();
  return cleaned;
};
for (const [signal, exitCode] of /** @type {const} */ ([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])) {
  process.once(signal, () => void cleanUpOnce().finally(() => process.exit(exitCode)));
}

try {
  await ask();
} catch (error) {
  if (cleaned === undefined) {
    const isExpected = error instanceof Failure;
    output.error({
      code: isExpected ? 'invalid-option' : 'internal',
      message: error instanceof Error ? error.message : String(error),
      userAction: isExpected ? 'Correct what the message names; --help shows every option.' : 'Please report this.',
    });
    process.exitCode = 1;
  }
} finally {
  await cleanUpOnce();
}

async function ask() {
  const options = readOptions(parameters);
  if (options.wantsHelp) return console.log(HELP);
  await ensureDependencies();
  const executablePath = await ensureChromium();
  await ensureBuilt();

  const server = await serveProduct({ host: '127.0.0.1', pages: BLANK });
  cleanUp.push(server.close);
  const profile = takeProfile();
  cleanUp.push(profile.release);
  const wantsWebGpu = options.load.backend === 'webgpu';
  const browser = await openProductBrowser({
    executablePath,
    profile: profile.directory,
    port: server.port,
    wantsWebGpu,
  });
  cleanUp.push(() => browser.close());

  const page = await browser.newPage();
  await page.exposeFunction('reportProgress', output.progress);
  await page.exposeFunction('reportText', output.text);
  await page.goto(`${PRODUCT_ORIGIN}ask.html`);
  const { model, adapter, load } = options;
  if ('path' in model) await page.setInputFiles('input >> nth=0', model.parts);
  if (adapter) await page.setInputFiles('input >> nth=1', adapter.path);

  const request = { model: 'id' in model ? model.id : null, adapter: adapter?.scale ?? null, load };
  const session = await page.evaluateHandle(loadInPage, request);
  const loadError = await session.evaluate((value) => ('error' in value ? value.error : null));
  output.loaded();
  if (loadError !== null) {
    output.error(loadError);
    process.exitCode = 1;
    return;
  }
  for (const question of options.questions) {
    const request = { question, isRaw: options.isRaw, sampling: options.sampling };
    const result = await session.evaluate(answerInPage, request);
    if (result.error !== undefined) {
      output.error(result.error);
      process.exitCode = 1;
    } else {
      output.answer(result.answer);
    }
  }
}
