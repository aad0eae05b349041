import './lib/node-version.mjs';
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { takeProfile } from './ask/profile.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium } from './lib/chromium.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { openProductBrowser, PRODUCT_ORIGIN } from './lib/product-browser.mjs';
import { serveProduct } from './lib/server.mjs';
import { callInPage, startInPage } from './validity/in-page.mjs';
import { TOOLS } from './validity/requests.mjs';

/** `npm run validity [-- --model ID] [-- --limit N]`: how many calls of tools are valid, and how many call the right tool. */
const value = (/** @type {string} */ name) => {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
};
const model = value('--model') ?? 'smollm2-135m-instruct';
const limit = Number(value('--limit') ?? Number.POSITIVE_INFINITY);
/** Tools offered with each request: the right one among others. */
const OFFERED = 4;

await ensureDependencies();
const executablePath = await ensureChromium();
await ensureBuilt();
const { Ajv2020 } = await import('ajv/dist/2020.js');
const { default: addFormats } = await import('ajv-formats');
const ajv = new Ajv2020({ strict: false });
addFormats(ajv);

const pages = { '/validity.html': '<!doctype html><html lang="en"><title>validity</title>' };
const server = await serveProduct({ host: '127.0.0.1', pages });
const profile = takeProfile();
const browser = await openProductBrowser({ executablePath, profile: profile.directory, port: server.port });
try {
  const page = await browser.newPage();
  await page.goto(`${PRODUCT_ORIGIN}validity.html`);
  const session = await page.evaluateHandle(startInPage, { model });
  const requests = TOOLS.flatMap((entry, index) => entry.requests.map((question) => ({ question, index }))).slice(
    0,
    limit,
  );
  /** @type {Record<string, { requests: number, calls: number, valid: number, right: number, cut: number, tokens: number }>} */
  const report = {};
  for (const choice of /** @type {const} */ (['required', 'auto'])) {
    const counts = { requests: 0, calls: 0, valid: 0, right: 0, cut: 0, tokens: 0 };
    report[choice] = counts;
    for (const [seed, { question, index }] of requests.entries()) {
      const offered = Array.from({ length: OFFERED }, (_, step) => TOOLS[(index + step * 3) % TOOLS.length]);
      // The right tool is not always the first.
      offered.push(...offered.splice(0, seed % OFFERED));
      const tools = offered.flatMap((entry) => (entry ? [entry.tool] : []));
      const answer = await session.evaluate(callInPage, { model, question, tools, choice, seed });
      counts.requests += 1;
      counts.tokens += answer.tokens;
      if (answer.finishReason === 'length') counts.cut += 1;
      for (const call of answer.calls) {
        counts.calls += 1;
        const called = tools.find((tool) => tool.function.name === call.name);
        if (called && isValid(called.function.parameters, call.arguments)) counts.valid += 1;
        if (call.name === TOOLS[index]?.tool.function.name) counts.right += 1;
      }
    }
    console.log(choice, JSON.stringify(counts));
  }
  const out = value('--out');
  if (out !== undefined) writeFileSync(out, `${JSON.stringify({ model, report }, null, 2)}\n`);
} finally {
  await browser.close();
  await profile.release();
  await server.close();
}

/** @param {object} schema @param {string} text */
function isValid(schema, text) {
  try {
    return ajv.validate(schema, JSON.parse(text));
  } catch {
    return false;
  }
}
