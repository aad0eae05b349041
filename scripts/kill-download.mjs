/**
 * Kills the browser at a random moment of a download from a slow server, again and again:
 * `node scripts/kill-download.mjs [rounds]`. Each round kills once, starts the browser anew, and must end in a model whose every
 * byte was read again and is right. Counts the bytes that were fetched twice; exits with 1 where a model was not whole, or more
 * than a chunk came twice.
 */

import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium, launchOptions } from './lib/chromium.mjs';
import { DIST } from './lib/paths.mjs';
import { killBrowser } from './lib/profile-processes.mjs';
import { serveProduct } from './lib/server.mjs';

const rounds = Number(process.argv[2] ?? 50);
const MODEL = 'all-minilm-l6-v2';
const FILE = 'models/all-minilm-l6-v2/all-MiniLM-L6-v2.Q8_0.gguf';
const CHUNK_BYTES = 4 * 2 ** 20;
/** Until the kill: the whole file then takes about two seconds over all connections. */
const BYTES_PER_SECOND = 12_000_000;
const STEP_BYTES = 32_768;

await ensureBuilt();
const launch = launchOptions(await ensureChromium());
const product = await serveProduct({ port: 0 });
const { size } = await stat(join(DIST, FILE));
const weights = await open(join(DIST, FILE));
let sent = 0;
/** What is fetched after the kill comes as quickly as it can: nothing more is to happen to it. */
let isSlow = true;

/** Everything as the product's own server sends it; the weights slowly, byte for byte counted. */
const slow = createServer(async (request, response) => {
  const address = new URL(request.url ?? '/', product.url);
  /** @type {Record<string, string>} */
  const asked = {};
  for (const name of ['range', 'if-range', 'if-none-match']) {
    const value = request.headers[name];
    if (typeof value === 'string') asked[name] = value;
  }
  const isWeights = address.pathname.endsWith(FILE);
  const answer = await fetch(address, { headers: asked, method: isWeights ? 'HEAD' : 'GET' });
  const headers = Object.fromEntries(answer.headers);
  delete headers['content-encoding'];
  delete headers['transfer-encoding'];
  if (!isWeights) {
    const body = Buffer.from(await answer.arrayBuffer());
    return response.writeHead(answer.status, { ...headers, 'content-length': String(body.length) }).end(body);
  }
  const [, first = '0', last = String(size - 1)] = /^bytes=(\d+)-(\d+)$/.exec(asked['range'] ?? '') ?? [];
  const end = Number(last) + 1;
  const isPart = asked['range'] !== undefined;
  response.writeHead(isPart ? 206 : 200, {
    ...headers,
    'content-length': String(end - Number(first)),
    ...(isPart ? { 'content-range': `bytes ${first}-${last}/${size}` } : {}),
  });
  for (let at = Number(first); at < end && !response.destroyed; at += STEP_BYTES) {
    const part = Buffer.alloc(Math.min(STEP_BYTES, end - at));
    await weights.read(part, 0, part.length, at);
    sent += part.length;
    response.write(part);
    if (isSlow) await pause((part.length / (BYTES_PER_SECOND / 4)) * 1000);
  }
  response.end();
});
await new Promise((resolve) => slow.listen(0, 'localhost', () => resolve(undefined)));
const url = `http://localhost:${/** @type {import('node:net').AddressInfo} */ (slow.address()).port}/`;

/** @param {import('playwright').Page} page @param {boolean} verifies */
const download = (page, verifies) =>
  page.evaluate(
    async ({ model, verifies }) => {
      const { Sotto } = await import(new URL('sotto.js', document.baseURI).href);
      const sotto = await Sotto.create({ servesLocalApi: false });
      await sotto.models.download(model);
      return verifies ? (await sotto.models.verify(model)).complete : true;
    },
    { model: MODEL, verifies },
  );

/** Starts of the browser that may fail in a round: on a machine at its limits it may end by itself, which is a kill more. */
const MOST_STARTS = 4;

/**
 * Starts the browser until the model is there, and verifies it. A browser that ends by itself is what this script is about: the
 * next one must go on from what was stored, with at most a chunk more fetched twice.
 * @param {string} profile
 * @param {number} round
 * @returns {Promise<{ isWhole: boolean, deaths: number }>}
 */
async function resume(profile, round) {
  isSlow = false;
  for (let deaths = 0; ; deaths++) {
    let step = 'starting the browser again';
    try {
      const browser = await chromium.launchPersistentContext(profile, launch);
      const page = await browser.newPage();
      page.on('crash', () => console.error(`${round}: the page crashed`));
      step = 'opening the page';
      await page.goto(`${url}flows.html`);
      step = 'resuming';
      const isWhole = await download(page, true);
      await browser.close();
      return { isWhole, deaths };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const hasEnded = /has been closed|Target crashed|Failed to launch/.test(message);
      if (!hasEnded || deaths + 1 === MOST_STARTS) throw new Error(`while ${step}: ${message}`);
      console.error(`${round}: the browser ended by itself while ${step}: ${message.slice(0, 2000)}`);
      await killBrowser(profile);
    }
  }
}

let failures = 0;
let mostTwice = 0;
let allDeaths = 0;
for (let round = 1; round <= rounds; round++) {
  const profile = await mkdtemp(join(tmpdir(), 'sotto-kill-download-'));
  sent = 0;
  isSlow = true;
  try {
    const first = await chromium.launchPersistentContext(profile, launch);
    const page = await first.newPage();
    await page.goto(`${url}flows.html`);
    void download(page, false).catch(() => {});
    const moment = Math.random() * size * 0.98;
    while (sent < moment) await pause(2);
    await killBrowser(profile);
    await first.close().catch(() => {});
    const { isWhole, deaths } = await resume(profile, round);
    const twice = sent - size;
    mostTwice = Math.max(mostTwice, twice);
    allDeaths += deaths;
    if (!isWhole || twice > CHUNK_BYTES * (1 + deaths)) failures += 1;
    console.log(`${round}: ${isWhole ? 'whole' : 'NOT WHOLE'}, ${twice} bytes twice`);
  } catch (error) {
    failures += 1;
    console.error(`${round}: ${error instanceof Error ? error.message : error}`);
  } finally {
    await killBrowser(profile);
    await rm(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}
console.log(
  `${rounds} kills and ${allDeaths} ends by itself, ${failures} failures, at most ${mostTwice} bytes twice (a chunk has ${CHUNK_BYTES})`,
);
await weights.close();
slow.closeAllConnections();
slow.close();
await product.close();
process.exitCode = failures === 0 ? 0 : 1;
