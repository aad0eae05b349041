import { copyFile, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from '@playwright/test';
import { ChatPage, expect, returning, test } from '../kit/index.ts';

const WEIGHTS = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';

async function inferenceWorker(workers: readonly Worker[]): Promise<Worker> {
  for (const worker of workers) {
    const name = await worker.evaluate(() => self.name);
    if (name.startsWith('sotto-inference')) return worker;
  }
  throw new Error('no inference worker');
}

returning('a worker killed in mid-answer leaves the chat on screen, and Retry works', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.ask('What is the capital of France?');
  await chat.finishedAnswer();
  await chat.ask('Write a long story about a lighthouse keeper and the sea, with many chapters.');
  await expect(chat.lastAnswer).toContainText(/\w+ \w+ \w+/);
  const worker = await inferenceWorker(page.workers());
  await worker.evaluate(() => self.close()).catch(() => {});
  await expect(chat.lastAnswer).toContainText('worker-lost');
  await expect(chat.answers.first()).toContainText('Paris');
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(chat.stopButton).toBeVisible();
  await expect(chat.lastAnswer).toContainText(/\w+ \w+ \w+ \w+/, { timeout: 60_000 });
  await page.keyboard.press('Escape');
});

returning('an answer goes on while the tab is hidden, and is whole when one comes back', async ({ page }) => {
  // What Chromium does to a hidden tab: it draws nothing, and timers fire once a second at most.
  await page.addInitScript(() => {
    const [draw, wait] = [requestAnimationFrame, setTimeout];
    let isHidden = false;
    Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
    const waiting: FrameRequestCallback[] = [];
    Object.assign(globalThis, {
      requestAnimationFrame: (callback: FrameRequestCallback) => (isHidden ? waiting.push(callback) : draw(callback)),
      setTimeout: (callback: () => void, ms = 0) => wait(callback, isHidden ? Math.max(1_000, ms) : ms),
      hideTab: (hides: boolean) => {
        isHidden = hides;
        document.dispatchEvent(new Event('visibilitychange'));
        if (!hides) for (const callback of waiting.splice(0)) draw(callback);
      },
    });
  });
  const hide = (hides: boolean) =>
    page.evaluate((value) => (globalThis as unknown as { hideTab(hides: boolean): void }).hideTab(value), hides);
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.ask('Count from one to twenty.');
  await expect(chat.lastAnswer).toContainText(/\w/);
  await hide(true);
  const answer = await chat.finishedAnswer();
  await hide(false);
  expect(answer.length).toBeGreaterThan(20);
  await expect(chat.lastAnswer).toContainText(answer);
});

returning('a prompt longer than the context is refused with the figures; nothing is lost', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.ask('word '.repeat(20_000));
  await expect(chat.lastAnswer).toContainText('prompt-too-long', { timeout: 30_000 });
  await chat.ask('What is the capital of France?');
  await expect(page.getByRole('article', { name: 'You' })).toHaveCount(2);
});

returning('an empty message is not sent', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.ask('   \n  ');
  await expect(chat.answers).toHaveCount(0);
});

test.describe('files from disk', () => {
  let directory = '';
  test.beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sotto-files-'));
  });
  test.afterAll(() => rm(directory, { recursive: true, force: true }));

  async function openFile(chat: ChatPage, path: string): Promise<void> {
    await chat.modelChip.click();
    await chat.page.locator('input[type=file]').first().setInputFiles(path);
  }

  returning('a good one runs', async ({ page }) => {
    const chat = await new ChatPage(page).open();
    await chat.untilReady();
    await openFile(chat, WEIGHTS);
    await expect(chat.modelChip).toContainText('Q4_1.gguf');
    await chat.untilReady();
    await page.keyboard.press('Escape');
    await chat.ask('What is the capital of France?');
    await expect(page.getByRole('article').last()).toContainText(/tokens\/s/, { timeout: 60_000 });
  });

  returning('a truncated one, a page and a stranger are refused by code; the way back works', async ({ page }) => {
    const truncated = join(directory, 'truncated.gguf');
    await copyFile(WEIGHTS, truncated);
    await truncate(truncated, 50_000_000);
    const html = join(directory, 'page.gguf');
    await writeFile(html, '<!doctype html><title>Sign in</title>'.padEnd(4096));
    const unknown = join(directory, 'unknown.gguf');
    await copyFile(WEIGHTS, unknown);
    const file = await open(unknown, 'r+');
    const header = Buffer.alloc(4096);
    await file.read(header, 0, header.length, 0);
    const place = header.indexOf('llama', header.indexOf('general.architecture'));
    await file.write('lXama', place);
    await file.close();

    const chat = await new ChatPage(page).open();
    await chat.untilReady();
    for (const [path, code] of [
      [truncated, 'gguf-truncated'],
      [html, 'gguf-invalid'],
      [unknown, 'model-unsupported'],
    ] as const) {
      await openFile(chat, path);
      await expect(page.getByText(code).first()).toBeVisible({ timeout: 20_000 });
      await page.keyboard.press('Escape');
    }
    await page.getByRole('button', { name: 'Back to the model of this site' }).first().click();
    await chat.untilReady();
    await chat.ask('What is the capital of France?');
    expect(await chat.finishedAnswer()).toContain('Paris');
  });
});

test('a bit that flipped on disk is caught, and only that piece is fetched again', async ({ page, faultyServer }) => {
  const chat = await new ChatPage(page).open(faultyServer.url);
  await chat.untilReady();
  const before = faultyServer.weightBytes();
  await page.evaluate(flipOneStoredBit);
  await page.reload();
  await chat.untilReady();
  const refetched = faultyServer.weightBytes() - before;
  expect(refetched).toBeGreaterThan(0);
  expect(refetched).toBeLessThanOrEqual(4 * 1024 * 1024);
  await chat.ask('What is the capital of France?');
  expect(await chat.finishedAnswer()).toContain('Paris');
});

/** Changes one bit in the middle of the first large value it finds in this origin's databases. */
async function flipOneStoredBit(): Promise<void> {
  const settled = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name ?? ''));
    for (const storeName of database.objectStoreNames) {
      const store = database.transaction(storeName, 'readwrite').objectStore(storeName);
      for (const key of await settled(store.getAllKeys())) {
        const value: unknown = await settled(store.get(key));
        if (!(value instanceof Blob) || value.size < 1_000_000) continue;
        const bytes = new Uint8Array(await value.arrayBuffer());
        bytes[500_000] = (bytes[500_000] ?? 0) ^ 4;
        // The transaction above ended while the bytes were read.
        const again = database.transaction(storeName, 'readwrite').objectStore(storeName);
        await settled(again.put(new Blob([bytes]), key));
        database.close();
        return;
      }
    }
    database.close();
  }
  throw new Error('no stored chunk was found');
}
