import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium, launchOptions, SOFTWARE_WEBGPU } from '../../scripts/lib/chromium.mjs';
import { randomModelFile } from '../../src/runtime/bench/random-model.ts';
import { ChatPage, expect, test } from '../kit/index.ts';
import { openLibrary } from '../tasks/library-page.ts';

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
    // Drawn by chance, the answer of random weights may end before anything can happen to it.
    await page.keyboard.press('Control+,');
    const settings = page.getByRole('dialog', { name: 'Settings' });
    await settings.getByText('How it answers').click();
    await settings.getByLabel(/^Temperature/).fill('0');
    await settings.getByLabel(/^Temperature/).blur();
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

test('an encoder on the GPU gives the vectors of the processor, and goes on when the GPU process crashes', async ({
  page,
  browser,
}) => {
  const file = await readFile('src/runtime/backends/cpu/testing/encoders/nomic-bert.gguf');
  const devTools = await browser.newBrowserCDPSession();
  await page.exposeFunction('crash', () => devTools.send('Browser.crashGpuProcess'));
  await openLibrary(page);
  const results = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const model = new File([bytes], 'nomic.gguf');
    const texts = Array.from({ length: 60 }, (_, index) => `one two ${index} three four ${'five '.repeat(index % 9)}`);
    const { crash } = globalThis as unknown as { crash: () => Promise<void> };
    const encode = async (backend: 'auto' | 'cpu' | 'webgpu', crashesAfter = Number.POSITIVE_INFINITY) => {
      const { engineReason } = await sotto.embeddings.load(model, { backend });
      let crashed: Promise<void> | undefined;
      const { vectors } = await sotto.embeddings.vectors(texts, {
        model: model.name,
        onProgress: ({ doneTexts }) => {
          if (doneTexts >= crashesAfter) crashed ??= crash();
        },
      });
      await crashed;
      const loaded = sotto.embeddings.loaded;
      return { vectors: [...vectors], engineReason, backend: loaded?.backend, hasCrashed: crashed !== undefined };
    };
    return {
      auto: await encode('auto'),
      cpu: await encode('cpu'),
      gpu: await encode('webgpu'),
      crashed: await encode('webgpu', 1),
    };
  }, file.toString('base64'));
  const { auto, cpu, gpu, crashed } = results;
  expect([auto.backend, auto.engineReason]).toEqual(['cpu', 'software-adapter']);
  expect([gpu.backend, gpu.engineReason, crashed.hasCrashed]).toEqual(['webgpu', 'asked-for', true]);
  const width = gpu.vectors.length / 60;
  for (const vectors of [gpu.vectors, crashed.vectors]) {
    for (let start = 0; start < vectors.length; start += width) {
      const cosine = vectors
        .slice(start, start + width)
        .reduce((sum, value, i) => sum + value * cpu.vectors[start + i]!, 0);
      expect(cosine).toBeGreaterThan(0.997);
    }
  }
});
