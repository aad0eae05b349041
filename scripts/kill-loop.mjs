/**
 * Kills the browser again and again while answers are written, and looks whether anything that the page showed as saved is gone:
 * `node scripts/kill-loop.mjs [rounds] [--vault]`. With `--vault` all of it happens under a passphrase, and the files of the profile are
 * searched for the words after every tenth kill. Exits with 1 where a message was lost or a word could be read.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium } from 'playwright';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium, launchOptions } from './lib/chromium.mjs';
import { filesWith } from './lib/files-with.mjs';
import { killBrowser } from './lib/profile-processes.mjs';
import { serveProduct } from './lib/server.mjs';

const hasVault = process.argv.includes('--vault');
const rounds = Number(process.argv.slice(2).find((word) => word !== '--vault') ?? 100);
const PASSPHRASE = 'five words in a row';
/** A word of every question that nothing else on this machine holds. */
const MARKER = `quokka${Date.now().toString(36)}`;
/** The longest time from the moment a question was shown as saved to the kill. */
const MOST_MS = 1500;
/** Messages a chat grows by before a new one begins: reading a long one again would only take time. */
const ROUNDS_A_CHAT = 5;

await ensureBuilt();
const launch = launchOptions(await ensureChromium());
const server = await serveProduct();
const profile = await mkdtemp(join(tmpdir(), 'sotto-kill-loop-'));
/** Text of every message by id, as it was last shown as saved. @type {Map<string, string>} */
const saved = new Map();
let lost = 0;
let kills = 0;

/** @param {import('playwright').Page} page */
async function watchSaved(page) {
  await page.exposeFunction('reportSaved', (/** @type {string} */ id, /** @type {string} */ text) =>
    saved.set(id, text),
  );
  await page.addInitScript(() => {
    const report = /** @type {(id: string, text: string) => void} */ (Reflect.get(globalThis, 'reportSaved'));
    const look = () => {
      for (const turn of document.querySelectorAll('.turn[data-saved=true]')) {
        const words = turn.querySelector('.question, .markdown');
        if (words !== null) report(turn.id.replace('message-', ''), words.textContent ?? '');
      }
    };
    new MutationObserver(look).observe(document, {
      attributes: true,
      attributeFilter: ['data-saved'],
      childList: true,
      subtree: true,
    });
  });
}

/** Encrypts everything, on the first round; afterwards the page is locked when it opens. @param {import('playwright').Page} page */
async function openVault(page) {
  const locked = page.getByRole('heading', { name: 'The vault is locked' });
  const ready = page.getByRole('button', { name: 'What does HTTP stand for?' });
  await locked.or(ready).first().waitFor({ timeout: 180_000 });
  if (await locked.isVisible()) {
    await page.getByLabel('Passphrase').fill(PASSPHRASE);
    await page.keyboard.press('Enter');
    return;
  }
  await page.getByTitle('Privacy: what is stored here, and what was sent').click();
  const panel = page.getByRole('dialog');
  await panel.getByRole('button', { name: 'Set a passphrase…' }).click();
  await panel.getByLabel('New passphrase').fill(PASSPHRASE);
  await panel.getByLabel('The same again').fill(PASSPHRASE);
  await panel.getByRole('button', { name: 'Encrypt everything' }).click();
  await panel.getByText(/^Encrypted\./).waitFor({ timeout: 60_000 });
  await page.keyboard.press('Escape');
}

/** The same, of a vault: as the export writes them. @param {import('playwright').Page} page */
async function exported(page) {
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  const download = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Export all as JSON' }).click();
  const file = await (await download).path();
  const { chats } = JSON.parse(await readFile(file, 'utf8'));
  await page.keyboard.press('Escape');
  const { setAside } = await stored(page);
  return {
    setAside,
    messages: chats.flatMap((/** @type {{ messages: { id: string, text: string }[] }} */ { messages }) =>
      messages.map(({ id, text }) => [id, text]),
    ),
  };
}

/** Files of the profile in which the questions could be read. */
async function searchFiles() {
  for (const path of await filesWith(profile, MARKER)) {
    lost += 1;
    console.error(`readable: ${path}`);
  }
}

/** Texts of all messages on the disk, by id, as the page itself reads them. @param {import('playwright').Page} page */
function stored(page) {
  return page.evaluate(async () => {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open('sotto-records');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const all = (/** @type {string} */ name) =>
      new Promise((resolve, reject) => {
        const request = database.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const rows = await all('records');
    const aside = await all('quarantine');
    database.close();
    return {
      setAside: aside.length,
      messages: rows
        .filter((/** @type {{ kind: string }} */ { kind }) => kind === 'message')
        .map((/** @type {{ id: string, body: { text: string } }} */ { id, body }) => [id, body.text]),
    };
  });
}

/** The words of a text without its marks, as they can be compared with what is drawn. @param {string} text */
const wordsOf = (text) => text.replace(/[^\p{L}\p{N}]+/gu, '');

/** @param {import('playwright').Page} page */
async function compare(page) {
  const { messages, setAside } = await (hasVault ? exported(page) : stored(page));
  const found = new Map(messages);
  for (const [id, text] of saved) {
    const there = found.get(id);
    if (typeof there === 'string' && wordsOf(there).startsWith(wordsOf(text).slice(0, 200))) continue;
    lost += 1;
    console.error(`lost: message ${id}, shown as saved: ${text.slice(0, 80)}`);
  }
  if (setAside > 0) {
    lost += setAside;
    console.error(`${setAside} records made no sense`);
  }
}

const begin = performance.now();
try {
  for (let round = 1; round <= rounds; round++) {
    const context = await chromium.launchPersistentContext(profile, launch);
    const page = await context.newPage();
    await watchSaved(page);
    await page.goto(server.url);
    if (hasVault) await openVault(page);
    await page.getByRole('button', { name: 'What does HTTP stand for?' }).waitFor({ timeout: 180_000 });
    await compare(page);
    if (round % ROUNDS_A_CHAT !== 1) await page.locator('.chat-item').first().click();
    const question = `Round ${round}: tell me a long story about the sea, ${MARKER}.`;
    const box = page.getByRole('textbox', { name: 'Message' });
    await box.fill(question);
    await box.press('Enter');
    try {
      await page.locator('.turn[data-saved=true]', { hasText: question }).waitFor({ timeout: 60_000 });
    } catch (error) {
      const words = ((await page.locator('main').textContent()) ?? '').replace(/\s+/g, ' ').slice(-1500);
      console.error(
        `round ${round}: the question never showed as saved; in the box: "${await box.inputValue()}"; on the page: ${words}`,
      );
      throw error;
    }
    await setTimeout(Math.random() * MOST_MS);
    await killBrowser(profile);
    kills += 1;
    await context.close().catch(() => {});
    if (hasVault && round % 10 === 0) await searchFiles();
    if (round % 10 === 0) {
      console.log(
        `${round} rounds, ${saved.size} messages shown as saved, ${lost} lost, ${Math.round((performance.now() - begin) / 1000)} s`,
      );
    }
  }
  const context = await chromium.launchPersistentContext(profile, launch);
  const page = await context.newPage();
  await page.goto(server.url);
  if (hasVault) await openVault(page);
  await page.locator('.chat-item').first().waitFor();
  await compare(page);
  await context.close();
  console.log(`${kills} kills, ${saved.size} messages shown as saved, ${lost} lost`);
} finally {
  await server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 3 });
}
process.exitCode = lost === 0 ? 0 : 1;
