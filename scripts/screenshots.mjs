/**
 * Pictures of the real product, for the README and the design page: `npm run screenshots`, or `npm run screenshots -- NAME…` for some
 * of them (the first ones prepare what later ones show, so they are gone through in any case).
 * The model answers as it will, so the words differ from run to run.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { ensureBuilt } from './lib/build.mjs';
import { findChromium, launchOptions } from './lib/chromium.mjs';
import { DIST } from './lib/paths.mjs';
import { serveProduct } from './lib/server.mjs';

const FOLDER = fileURLToPath(new URL('../docs/screens/', import.meta.url));
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 360, height: 740 };

/** @typedef {import('playwright').Page} Page */

/** @param {Page} page */
const untilReady = (page) => page.locator('.chip', { hasText: 'CPU' }).waitFor({ timeout: 120_000 });

/** @param {Page} page @param {string} question */
async function ask(page, question) {
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill(question);
  await box.press('Enter');
}

/** @param {Page} page */
const untilAnswered = (page) =>
  page
    .getByText(/tokens\/s · \d+ tokens/)
    .last()
    .waitFor({ timeout: 120_000 });

/**
 * One picture. `reach` brings a page that was just opened into the state to be shown.
 * @typedef {object} Screen
 * @property {string} name
 * @property {{ width: number, height: number }} viewport
 * @property {'light' | 'dark'} colorScheme
 * @property {(page: Page) => Promise<void>} reach
 */

const HOUSE_RULES = `# House rules

## Laundry

The washing machine in the cellar may be used from eight in the morning to nine in the evening. One wash costs two euros.

## Garden

The garden is for everybody. Please close the gate.
`;

/** In this order: the first one sees the download, the others find the model stored. @type {readonly Screen[]} */
const SCREENS = [
  {
    name: 'first-visit',
    viewport: NARROW,
    colorScheme: 'light',
    reach: (page) =>
      page
        .getByText(/[3-9]\d\.\d of 98\.4 MB/)
        .first()
        .waitFor({ timeout: 120_000 }),
  },
  { name: 'ready', viewport: WIDE, colorScheme: 'dark', reach: untilReady },
  {
    name: 'answer',
    viewport: WIDE,
    colorScheme: 'light',
    reach: async (page) => {
      await untilReady(page);
      await ask(page, 'What does HTTP stand for?');
      await untilAnswered(page);
      await ask(page, 'Write a Python function that adds two numbers.');
      await page
        .getByText(/tokens\/s · \d+ tokens/)
        .nth(1)
        .waitFor({ timeout: 120_000 });
      // The colours of code come a moment after it.
      await page.locator('.code-block code span').first().waitFor();
    },
  },
  {
    name: 'streaming',
    viewport: NARROW,
    colorScheme: 'dark',
    reach: async (page) => {
      await untilReady(page);
      await ask(page, 'Tell me a story about the sea.');
      await page
        .locator('.markdown')
        .getByText(/(\w+\W+){30}/)
        .waitFor({ timeout: 60_000 });
    },
  },
  {
    name: 'thread-lost',
    viewport: NARROW,
    colorScheme: 'light',
    reach: async (page) => {
      await untilReady(page);
      await ask(page, 'Tell me a story about the sea.');
      await page
        .getByText(/\w+ \w+ \w+ \w+ \w+ \w+ \w+ \w+/)
        .last()
        .waitFor();
      for (const worker of page.workers()) {
        const name = await worker.evaluate(() => self.name).catch(() => '');
        if (!name.startsWith('sotto-inference')) continue;
        await worker.evaluate(() => self.close()).catch(() => {});
        break;
      }
      await page.getByRole('button', { name: 'Retry' }).waitFor();
    },
  },
  {
    name: 'privacy',
    viewport: WIDE,
    colorScheme: 'light',
    reach: async (page) => {
      await untilReady(page);
      await page.getByTitle('Privacy: what is stored here, and what was sent').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'chats-arabic',
    viewport: WIDE,
    colorScheme: 'light',
    reach: async (page) => {
      await page.evaluate(() => localStorage.setItem('sotto-display', JSON.stringify({ language: 'ar' })));
      await page.reload();
      await page.locator('.chat-item', { hasText: 'HTTP' }).first().click();
      await page.locator('.markdown').first().waitFor();
      await untilReady(page);
      await page.evaluate(() => localStorage.removeItem('sotto-display'));
    },
  },
  {
    name: 'documents',
    viewport: NARROW,
    colorScheme: 'dark',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Answer from documents' }).click();
      const files = page.getByRole('dialog').locator('input[type=file]').first();
      await files.setInputFiles(fileURLToPath(new URL('../docs/promises.md', import.meta.url)));
      await page.getByRole('dialog').getByRole('button', { name: 'promises.md', exact: true }).waitFor();
    },
  },
  {
    name: 'citation',
    viewport: WIDE,
    colorScheme: 'light',
    reach: async (page) => {
      await untilReady(page);
      await page.getByRole('button', { name: 'Answer from documents' }).click();
      const panel = page.getByRole('dialog');
      await panel.getByLabel('Collection').fill('House');
      const buffer = Buffer.from(HOUSE_RULES);
      await panel.locator('input[type=file]').first().setInputFiles({ name: 'House rules.md', mimeType: '', buffer });
      await panel.getByRole('button', { name: 'House rules.md', exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await ask(page, 'When may the washing machine be used, and what does it cost?');
      await untilAnswered(page);
      await page.locator('.sources button').first().click();
      await page.getByRole('dialog').locator('mark').waitFor();
    },
  },
  {
    name: 'cited-answer',
    viewport: NARROW,
    colorScheme: 'dark',
    reach: async (page) => {
      await untilReady(page);
      await page.getByRole('button', { name: 'Chats and search' }).click();
      await page.getByRole('dialog').locator('.chat-item', { hasText: 'washing' }).first().click();
      await page.locator('.sources button').first().waitFor();
    },
  },
  {
    name: 'empty-arabic',
    viewport: NARROW,
    colorScheme: 'dark',
    reach: async (page) => {
      await page.evaluate(() => localStorage.setItem('sotto-display', JSON.stringify({ language: 'ar' })));
      await page.reload();
      await page.locator('.suggestions button, .empty button').first().waitFor({ timeout: 60_000 });
      await page.locator('.chip', { hasText: 'CPU' }).waitFor({ timeout: 60_000 });
      await page.evaluate(() => localStorage.removeItem('sotto-display'));
    },
  },
  {
    name: 'settings',
    viewport: WIDE,
    colorScheme: 'dark',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'commands',
    viewport: WIDE,
    colorScheme: 'light',
    reach: async (page) => {
      await untilReady(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').waitFor();
    },
  },
  {
    name: 'this-chat',
    viewport: NARROW,
    colorScheme: 'light',
    reach: async (page) => {
      await untilReady(page);
      await page.getByRole('button', { name: 'Chats and search' }).click();
      await page.getByRole('dialog').locator('.chat-item').first().click();
      await page.getByRole('button', { name: /^This chat/ }).click();
      await page.getByRole('dialog').getByRole('combobox').first().waitFor();
    },
  },
  {
    name: 'models',
    viewport: WIDE,
    colorScheme: 'dark',
    reach: async (page) => {
      await untilReady(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('models');
      await page.keyboard.press('Enter');
      await page.locator('.model-rows li').first().waitFor();
    },
  },
  {
    name: 'offline',
    viewport: NARROW,
    colorScheme: 'dark',
    reach: async (page) => {
      await untilReady(page);
      await page.context().setOffline(true);
      await page.getByText('No network. Nothing here needs one.').waitFor();
    },
  },
  {
    name: 'storage-full',
    viewport: NARROW,
    colorScheme: 'light',
    reach: async (page) => {
      await page.context().setOffline(false);
      await untilReady(page);
      // The disk has no room for what comes now.
      await page.evaluate(() => {
        IDBObjectStore.prototype.put = () => {
          throw new DOMException('Full.', 'QuotaExceededError');
        };
      });
      await ask(page, 'What does HTTP stand for?');
      await page.getByText('This conversation is not saved.').waitFor();
      await untilAnswered(page);
    },
  },
  {
    name: 'flows',
    viewport: WIDE,
    colorScheme: 'light',
    reach: async (page) => {
      await page.goto(new URL('flows.html', page.url()).href);
      await page.getByRole('combobox', { name: 'Flow', exact: true }).selectOption('redact');
      await page.getByLabel('Your text').fill('My name is Tom Becker, mail me at tom@becker.example.');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('status').filter({ hasText: 'Done' }).waitFor();
      await page.getByRole('button', { name: 'clean' }).click();
    },
  },
  {
    name: 'experts',
    viewport: WIDE,
    colorScheme: 'light',
    reach: async (page) => {
      await page.goto(new URL('experts.html', page.url()).href);
      await page.getByRole('button', { name: 'Messages to a shop: what do they want?' }).click();
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      await page
        .getByLabel('A text of the kind it is for')
        .fill('The machine leaks and nobody answers me.', { timeout: 120_000 });
      await page.getByRole('button', { name: 'Ask it' }).click();
      await page.getByRole('heading', { name: 'Nearest examples' }).waitFor();
    },
  },
  {
    name: 'model-missing',
    viewport: NARROW,
    colorScheme: 'light',
    reach: async (page) => {
      await page.evaluate(() => {
        const gone = indexedDB.deleteDatabase('sotto-weights');
        return new Promise((resolve) => {
          gone.onsuccess = resolve;
          gone.onblocked = resolve;
          gone.onerror = resolve;
        });
      });
      await page.context().setOffline(true);
      await page.reload();
      await page
        .getByRole('button', { name: /Try again|Resume|Fetch/ })
        .first()
        .waitFor({ timeout: 120_000 });
    },
  },
  {
    name: 'update-ready',
    viewport: NARROW,
    colorScheme: 'light',
    reach: async (page) => {
      await page.context().setOffline(false);
      await page.reload();
      await untilReady(page);
      // Another version of the app is one whose service worker differs by a byte.
      pages['/service-worker.js'] = `${await readFile(join(DIST, 'service-worker.js'), 'utf8')}\n// newer`;
      await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
      await page.getByRole('button', { name: 'Update now' }).waitFor();
    },
  },
  {
    name: 'vault-locked',
    viewport: NARROW,
    colorScheme: 'dark',
    reach: async (page) => {
      await untilReady(page);
      await page.getByTitle('Privacy: what is stored here, and what was sent').click();
      const panel = page.getByRole('dialog');
      await panel.getByRole('button', { name: 'Set a passphrase…' }).click();
      await panel.getByLabel('New passphrase').fill('five words in a row');
      await panel.getByLabel('The same again').fill('five words in a row');
      await panel.getByRole('button', { name: 'Encrypt everything' }).click();
      await panel.getByRole('button', { name: 'Lock now' }).click({ timeout: 60_000 });
      await page.getByRole('heading', { name: 'The vault is locked' }).waitFor();
    },
  },
];

/** What the server gives in place of files of the build. @type {Record<string, string>} */
const pages = {};
const wanted = process.argv.slice(2);
const executable = await findChromium();
if (executable === null) throw new Error('No Chromium found: set SOTTO_CHROMIUM.');
await ensureBuilt();
const server = await serveProduct({ pages });
const profile = await mkdtemp(join(tmpdir(), 'sotto-screens-'));
const context = await chromium.launchPersistentContext(profile, launchOptions(executable));
try {
  await mkdir(FOLDER, { recursive: true });
  for (const { name, viewport, colorScheme, reach } of SCREENS) {
    const page = await context.newPage();
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(server.url);
    await reach(page);
    const isWanted = wanted.length === 0 || wanted.includes(name);
    if (isWanted) await page.screenshot({ path: join(FOLDER, `${name}.png`) });
    await page.close();
    console.log(`docs/screens/${name}.png${isWanted ? '' : ' (left as it is)'}`);
  }
} finally {
  await context.close();
  await server.close();
  await rm(profile, { recursive: true, force: true });
}
