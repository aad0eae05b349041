/**
 * How quick the page itself is: `node scripts/app-speed.mjs`. Prints figures; nothing is asserted, because they are the machine's as
 * much as ours. The embedded model runs on the CPU beside the page, as on a person's machine.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { ensureBuilt } from './lib/build.mjs';
import { ensureChromium, launchOptions } from './lib/chromium.mjs';
import { serveProduct } from './lib/server.mjs';

const CHATS = 100;
const MESSAGES_A_CHAT = 100;
const LONG_CHAT = 1000;
const STORY = 'Write a very long story about a lighthouse keeper and the sea, with many chapters.';

/** @param {readonly number[]} times */
const summary = (times) => {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
  return `${at(0.5)} ms median, ${at(0.95)} ms p95, ${at(1)} ms most (${times.length})`;
};

/** Chats as an export of this app would hold them, made in the page's own database. @param {import('playwright').Page} page */
const fill = (page) =>
  page.evaluate(
    async ({ chats, each, long }) => {
      const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open('sotto-records');
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
      const words = 'harbour lantern quiet letter winter garden copper river morning window paper bridge'.split(' ');
      const pick = () => words[Math.floor(Math.random() * words.length)];
      const sentence = () => `${Array.from({ length: 14 }, pick).join(' ')}.`;
      const transaction = database.transaction(['records', 'meta'], 'readwrite');
      const records = transaction.objectStore('records');
      let sequence = 1_000;
      const put = (
        /** @type {string} */ kind,
        /** @type {string} */ id,
        /** @type {string} */ parent,
        /** @type {unknown} */ body,
      ) => records.put({ kind, id, parent, version: 1, sequence: sequence++, body });
      for (let chat = 0; chat <= chats; chat++) {
        const chatId = `chat-${chat}`;
        const count = chat === chats ? long : each;
        put('chat', chatId, '', {
          id: chatId,
          title: chat === chats ? 'The long one' : `Chat ${chat}`,
          titledBy: 'question',
          createdAt: 0,
          updatedAt: 0,
          activity: chat + 1,
          isPinned: chat === chats,
          folder: '',
          tags: [],
          leaf: `${chatId}-${count - 1}`,
          systemPrompt: null,
          model: null,
          parameters: {},
          collections: [],
        });
        for (let index = 0; index < count; index++) {
          const isAnswer = index % 2 === 1;
          const code = index % 10 === 9 ? '\n\n```js\nconst a = 1;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |' : '';
          put('message', `${chatId}-${index}`, chatId, {
            id: `${chatId}-${index}`,
            chatId,
            parent: index === 0 ? null : `${chatId}-${index - 1}`,
            role: isAnswer ? 'assistant' : 'user',
            text: isAnswer ? `${sentence()} **${pick()}** ${sentence()}${code}` : sentence(),
            createdAt: 0,
            order: index,
            state: { kind: 'finished' },
            model: null,
            tokens: null,
            tokensPerSecond: null,
            citations: [],
          });
        }
      }
      transaction.objectStore('meta').put(sequence, 'sequence');
      await new Promise((resolve) => {
        transaction.oncomplete = resolve;
      });
      database.close();
    },
    { chats: CHATS, each: MESSAGES_A_CHAT, long: LONG_CHAT },
  );

/**
 * Milliseconds from key presses to the next picture, as the page itself sees them. With a question, only presses while an answer was
 * being written count; it is asked again where the answer ends first. @param {import('playwright').Page} page @param {string} [question]
 */
async function keyTimes(page, question, count = 60) {
  await page.evaluate((isWhileWritten) => {
    const times = /** @type {number[]} */ ([]);
    Reflect.set(globalThis, 'keyTimes', times);
    addEventListener(
      'keydown',
      ({ timeStamp }) => {
        if (isWhileWritten && document.querySelector('.answer[aria-busy=true] .markdown') === null) return;
        requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - timeStamp)));
      },
      { capture: true },
    );
  }, question !== undefined);
  const read = () => /** @type {Promise<number[]>} */ (page.evaluate(() => Reflect.get(globalThis, 'keyTimes')));
  const box = page.getByRole('textbox', { name: 'Message' });
  while ((await read()).length < count) {
    if (question !== undefined && (await page.locator('.answer[aria-busy=true]').count()) === 0)
      await ask(page, question);
    await box.focus();
    await page.keyboard.press('a');
    await page.waitForTimeout(60);
  }
  return read();
}

/** Resolves when the first words of the answer are there. @param {import('playwright').Page} page @param {string} question */
async function ask(page, question) {
  const box = page.getByRole('textbox', { name: 'Message' });
  await box.fill(question);
  await box.press('Enter');
  await page
    .locator('.answer[aria-busy=true] .markdown')
    .getByText(/(\w+\W+){8}/)
    .waitFor({ timeout: 60_000 });
}

/**
 * What the main thread did during some work: milliseconds of all tasks, and of script, layout and style; how often it laid out.
 * @param {import('playwright').Page} page @param {() => Promise<void>} work
 */
async function mainThread(page, work) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const value = (/** @type {string} */ name) => metrics.find((metric) => metric.name === name)?.value ?? 0;
    return {
      time: value('Timestamp') * 1000,
      busy: value('TaskDuration') * 1000,
      script: (value('ScriptDuration') + value('LayoutDuration') + value('RecalcStyleDuration')) * 1000,
      layouts: value('LayoutCount'),
    };
  };
  const before = await read();
  await work();
  const after = await read();
  await session.detach();
  return {
    time: after.time - before.time,
    busy: after.busy - before.busy,
    script: after.script - before.script,
    layouts: after.layouts - before.layouts,
  };
}

/** Pictures that the browser draws in some seconds, as many as it can. @param {import('playwright').Page} page */
const countPictures = (page, seconds = 6) =>
  page.evaluate(
    (ms) =>
      /** @type {Promise<number>} */ (
        new Promise((resolve) => {
          let count = 0;
          const end = performance.now() + ms;
          const step = () => {
            count += 1;
            if (performance.now() < end) requestAnimationFrame(step);
            else resolve(count);
          };
          requestAnimationFrame(step);
        })
      ),
    seconds * 1000,
  );

/** Answers in chats of their own: what drawing them takes, and how fast they are written meanwhile. @param {import('playwright').Page} page */
async function writing(page, answers = 5) {
  const speeds = [];
  let sum = { time: 0, busy: 0, script: 0, layouts: 0 };
  for (let answer = 0; answer < answers; answer++) {
    await ask(page, STORY);
    const part = await mainThread(page, () => page.waitForTimeout(700));
    sum = {
      time: sum.time + part.time,
      busy: sum.busy + part.busy,
      script: sum.script + part.script,
      layouts: sum.layouts + part.layouts,
    };
    await page.locator('.answer[aria-busy=true]').waitFor({ state: 'detached', timeout: 120_000 });
    const words = (await page.locator('.turn').last().textContent()) ?? '';
    speeds.push(Number(/(\d+) tokens\/s/.exec(words)?.[1]));
    await page.getByRole('button', { name: 'New chat' }).first().click();
  }
  return { ...sum, speeds };
}

await ensureBuilt();
const launch = launchOptions(await ensureChromium());
const server = await serveProduct();
const profile = await mkdtemp(join(tmpdir(), 'sotto-app-speed-'));
const context = await chromium.launchPersistentContext(profile, { ...launch, viewport: { width: 1280, height: 800 } });
try {
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByRole('button', { name: 'What does HTTP stand for?' }).waitFor({ timeout: 180_000 });
  await fill(page);
  await page.reload();
  await page.getByRole('button', { name: 'What does HTTP stand for?' }).waitFor({ timeout: 180_000 });

  const search = page.getByRole('searchbox');
  const searchTimes = [];
  for (const query of [
    'lantern',
    'copper river',
    'window',
    'harbour bridge',
    'nowhere',
    'quiet letter winter',
    'paper',
    'garden morning',
  ]) {
    const begin = await page.evaluate(() => performance.now());
    await search.fill(query);
    await page
      .getByText(/chats? found\./)
      .or(page.getByText('Nothing found.').first())
      .first()
      .waitFor({ state: 'attached' });
    searchTimes.push((await page.evaluate(() => performance.now())) - begin);
    await search.fill('');
    await page.waitForTimeout(100);
  }
  console.log(
    `search over ${CHATS * MESSAGES_A_CHAT + LONG_CHAT} messages, the first reads them all: ${searchTimes.map((ms) => ms.toFixed(0)).join(', ')} ms`,
  );

  const openBegin = performance.now();
  await page.getByRole('button', { name: 'The long one' }).click();
  await page
    .locator('.turn')
    .nth(LONG_CHAT - 1)
    .waitFor({ state: 'attached' });
  console.log(`opening a chat of ${LONG_CHAT} messages: ${(performance.now() - openBegin).toFixed(0)} ms`);
  await page.evaluate(() => {
    const pane = document.querySelector('.pane');
    if (pane === null) return;
    pane.scrollTop = 0;
    const step = () => {
      pane.scrollTop += 40;
      if (pane.scrollTop + pane.clientHeight < pane.scrollHeight) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  let pictures = 0;
  const scrolling = await mainThread(page, async () => {
    pictures = await countPictures(page);
  });
  console.log(
    `scrolling through it: ${((pictures * 1000) / scrolling.time).toFixed(0)} pictures a second, ${(scrolling.script / pictures).toFixed(2)} ms of script, style and layout each`,
  );

  await page.getByRole('button', { name: 'New chat' }).first().click();
  console.log(`key to picture, at rest: ${summary(await keyTimes(page))}`);
  const { time, busy, script, layouts, speeds } = await writing(page);
  console.log(
    `answers of ${speeds.join(', ')} tokens a second: drawn ${((layouts * 1000) / time).toFixed(0)} times a second, ${(script / layouts).toFixed(2)} ms of script, style and layout each; the main thread is busy for ${((100 * busy) / time).toFixed(0)} % of the time`,
  );
  console.log(`key to picture, while an answer is written: ${summary(await keyTimes(page, STORY))}`);
  console.log(`load of the machine: ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await context.close();
  await server.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 3 });
}
