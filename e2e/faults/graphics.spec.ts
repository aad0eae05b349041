import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium, launchOptions, SOFTWARE_WEBGPU } from '../../scripts/lib/chromium.mjs';
import { randomModelFile } from '../../src/runtime/bench/random-model.ts';
import { ChatPage, expect, test } from '../kit/index.ts';

const chromium = await findChromium();
if (chromium === null) throw new Error('no Chromium');
const { args, ...launch } = launchOptions(chromium);

test.use({ launchOptions: { ...launch, args: [...args, ...SOFTWARE_WEBGPU] }, allowedErrors: [/GPU|device/i] });

test('an answer goes on when the GPU process crashes, and the page says so', async ({ page, browser }) => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-graphics-'));
  try {
    // Few and small layers: the adapter is one in software.
    const path = join(folder, 'tiny.gguf');
    const model = randomModelFile({ kind: 'random', shape: 'tiny', quantisation: 'Q4_1' });
    await writeFile(path, new Uint8Array(await model.arrayBuffer()));
    const chat = await new ChatPage(page).open('/?backend=webgpu');
    await chat.modelChip.click();
    await page.locator('input[type=file]').first().setInputFiles(path);
    await expect(chat.modelChip).toContainText(/tiny.*GPU/i, { timeout: 60_000 });
    await page.keyboard.press('Escape');
    await chat.ask('Tell me something.');
    const answer = page.getByRole('article').last();
    await expect(chat.stopButton).toBeVisible();
    await expect.poll(async () => (await answer.textContent())?.length ?? 0).toBeGreaterThan(40);
    const devTools = await browser.newBrowserCDPSession();
    await devTools.send('Browser.crashGpuProcess');
    await expect(page.getByText('The graphics driver restarted. The answer went on.')).toBeVisible({ timeout: 30_000 });
    const before = (await answer.textContent())?.length ?? 0;
    await expect.poll(async () => (await answer.textContent())?.length ?? 0).toBeGreaterThan(before);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
