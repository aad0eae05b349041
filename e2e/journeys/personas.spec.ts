import { writeGguf } from '../../src/formats/gguf/testing/gguf-writer.ts';
import { ChatPage, chooseFiles, expect, keptRows, returning as test } from '../kit/index.ts';

const RANK = 4;
const HIDDEN = 576;
const LAYERS = 30;

/** An adapter of the site's own model that shakes every layer: with it no answer makes sense, so its effect cannot be missed. */
function shakingAdapter(architecture: string): Buffer {
  const floats = (count: number, seed: number) =>
    new Uint8Array(Float32Array.from({ length: count }, (_, i) => 0.3 * Math.sin(seed + i * 12.9898)).buffer);
  const tensors = Array.from({ length: LAYERS }, (_, layer) => [
    { name: `blk.${layer}.attn_q.weight.lora_a`, dimensions: [HIDDEN, RANK] },
    { name: `blk.${layer}.attn_q.weight.lora_b`, dimensions: [RANK, HIDDEN] },
    { name: `blk.${layer}.attn_output.weight.lora_a`, dimensions: [HIDDEN, RANK] },
    { name: `blk.${layer}.attn_output.weight.lora_b`, dimensions: [RANK, HIDDEN] },
  ]).flat();
  const file = writeGguf({
    metadata: [
      ['general.type', { type: 'string', value: 'adapter' }],
      ['general.architecture', { type: 'string', value: architecture }],
      ['adapter.type', { type: 'string', value: 'lora' }],
      ['adapter.lora.alpha', { type: 'float32', value: 8 }],
    ],
    tensors: tensors.map((tensor, index) => ({ ...tensor, type: 'F32', data: floats(HIDDEN * RANK, index) })),
  });
  return Buffer.from(file);
}

test('a persona brings its words and its adapter into a chat; a file that does not fit says so', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  const panel = page.getByRole('dialog');
  const persona = (name: string) => panel.locator('.persona').filter({ has: page.locator(`input[value="${name}"]`) });
  const openSettings = () => page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await openSettings();
  await panel.getByRole('button', { name: 'Add a persona' }).click();
  await panel.getByLabel('Name of the persona').fill('Shaken');
  await panel.locator('.persona textarea').fill('Answer briefly.');
  await panel.locator('.persona textarea').blur();
  const file = panel.locator('.persona').getByRole('button', { name: 'Choose a LoRA file…' });
  await chooseFiles(file, { name: 'notes.gguf', mimeType: '', buffer: Buffer.from('no model at all') });
  await expect(panel.getByText('gguf-invalid')).toBeVisible();
  const buffer = shakingAdapter('llama');
  await chooseFiles(file, { name: 'shaken.gguf', mimeType: '', buffer });
  await expect(panel.getByText(/Adapter \(LoRA\): shaken\.gguf · \d MB/)).toBeVisible();
  await expect(panel.getByText('gguf-invalid')).toBeHidden();
  const settings = () => keptRows(page, 'sotto-records', 'records', 'settings');
  await expect.poll(settings).toContainEqual(expect.stringContaining('shaken.gguf'));

  // Kept, and read beside the model when a chat that uses it is answered.
  await page.reload();
  await chat.untilReady();
  await page.getByRole('button', { name: 'Shaken', pressed: false }).click();
  await expect(page.getByRole('button', { name: 'Shaken', pressed: true })).toBeVisible();
  await chat.ask('What is the capital of France?');
  expect(await chat.finishedAnswer()).not.toContain('Paris');

  // Without it the model is itself again.
  await page.getByRole('button', { name: /^This chat/ }).click();
  await expect(panel.getByLabel('Instructions to the model')).toHaveValue('Answer briefly.');
  await panel.getByLabel('Persona').selectOption('None');
  // Its likeliest answer: another one would be drawn more freely.
  await panel.getByLabel(/^Temperature/).fill('0');
  await panel.getByLabel(/^Temperature/).blur();
  await page.keyboard.press('Escape');
  await chat.lastAnswer.getByRole('button', { name: 'Another answer' }).click();
  // It is said below an answer that has ended.
  await expect(chat.lastAnswer).toContainText('2 of 2', { timeout: 90_000 });
  expect(await chat.finishedAnswer()).toContain('Paris');

  // One of another architecture cannot be read beside this model.
  await openSettings();
  await chooseFiles(persona('Shaken').getByRole('button', { name: 'Choose a LoRA file…' }), {
    name: 'foreign.gguf',
    mimeType: '',
    buffer: shakingAdapter('gemma3'),
  });
  await expect(panel.getByText(/foreign\.gguf/)).toBeVisible();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New chat' }).first().click();
  await page.getByRole('button', { name: 'Shaken', pressed: false }).click();
  await chat.ask('What is the capital of France?');
  await expect(chat.lastAnswer.getByText('model-unsupported')).toBeVisible({ timeout: 30_000 });
});
