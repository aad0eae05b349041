import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenFolder, readConversionGoldens } from '../../src/runtime/conversion/testing/golden-folder.ts';
import { ChatPage, expect, returning as test } from '../kit/index.ts';

test.use({ allowedErrors: [/No available adapters/] });

test('a folder with safetensors weights is taken into the models of the chat page, and runs there', async ({
  page,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'tiny llama '));
  const golden = readConversionGoldens().models.find(({ name }) => name === 'llama')!;
  for (const { path, file } of goldenFolder(golden, { parts: 2 })) {
    writeFileSync(join(folder, path), Buffer.from(await file.arrayBuffer()));
  }
  try {
    const chat = await new ChatPage(page).open();
    await chat.untilReady();
    await chat.modelChip.click();
    await page.getByRole('button', { name: 'All models' }).click();
    const panel = page.getByRole('dialog');
    await panel.locator('input[type=file][webkitdirectory]').setInputFiles(folder);
    const row = panel.getByRole('listitem').filter({ hasText: 'from your own file' });
    await expect(row).toContainText('Q8_0');
    await expect(panel.getByText(/^Stored: tiny llama/)).toBeVisible();
    // The same once more changes nothing, and is not passed over in silence.
    await panel.locator('input[type=file][webkitdirectory]').setInputFiles(folder);
    await expect(panel.getByText(/^Here already: tiny llama/)).toBeVisible();
    await expect(row).toHaveCount(1);
    await row.getByRole('button', { name: 'Use' }).click();
    await expect(chat.modelChip).toContainText(/tiny llama.*CPU/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
