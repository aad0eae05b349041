import { ChatPage, expect, returning as test } from '../kit/index.ts';

test.use({ allowedErrors: [/ERR_INTERNET_DISCONNECTED/] });

test('the running model is deleted from the list of all: the page says so, and fetches it again when asked', async ({
  page,
}) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.modelChip.click();
  await page.getByRole('button', { name: 'All models' }).click();
  const panel = page.getByRole('dialog');
  const row = panel.getByRole('listitem').filter({ hasText: 'In use' });
  await row.getByRole('button', { name: 'Delete' }).click();
  await panel.getByRole('button', { name: /^Yes, delete/ }).click();
  await expect(panel.getByText('In use')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(chat.modelChip).not.toContainText('CPU');
  await page.getByRole('main').getByRole('button', { name: 'Fetch it again' }).click();
  await chat.untilReady();
});

test('a model of any name leaves the header whole, and takes no speed over from the one before', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  // None guesses for itself: the one model that is here is not offered for that.
  await page.getByRole('button', { name: 'Settings', exact: true }).first().click();
  await page.getByText('How it runs').click();
  await expect(page.getByLabel('Model that guesses ahead').getByRole('option')).toHaveText(['None']);
  await page.keyboard.press('Escape');
  await chat.ask('Hi');
  await chat.finishedAnswer();
  await expect(chat.modelChip).toContainText('tokens/s');
  await page
    .locator('input[type="file"]')
    .first()
    .setInputFiles({ name: `${'a-long-name-'.repeat(20)}.gguf`, mimeType: '', buffer: Buffer.from('no model') });
  await expect(page.getByText('it does not begin with "GGUF"')).toBeVisible();
  await expect(chat.modelChip).not.toContainText('tokens/s');
  for (const width of [1440, 1000, 800, 360]) {
    await page.setViewportSize({ width, height: 740 });
    const boxes = await page.locator('.page-header > *').evaluateAll((parts) =>
      parts
        .filter((part) => getComputedStyle(part).position !== 'absolute' && part.clientWidth > 0)
        .map((part) => part.getBoundingClientRect())
        .map(({ left, right }) => ({ left, right })),
    );
    for (const [index, { left }] of boxes.entries()) {
      expect(left, `${width} px`).toBeGreaterThanOrEqual(boxes[index - 1]?.right ?? 0);
    }
    // Nor does what is in the seal lie beside it.
    const seal = await chat.seal.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(seal, `${width} px`).toBeLessThanOrEqual(0);
  }
});

test('an answer that was stopped goes on in the middle of its sentence; another one is another one', async ({
  page,
}) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.ask('Write a long story about a lighthouse keeper, please.');
  await expect(chat.lastAnswer).toContainText(/(\S+ ){40}/);
  await chat.stopButton.click();
  await expect(chat.lastAnswer).toContainText('Stopped.');
  const text = async () => (await chat.lastAnswer.locator('.markdown').textContent()) ?? '';
  const begun = await text();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(chat.lastAnswer).toContainText(/tokens\/s/, { timeout: 90_000 });
  const whole = await text();
  // The end stays in sight while a long message is written below it.
  await chat.messageBox.fill('line\n'.repeat(8));
  await expect(chat.lastAnswer.getByRole('button', { name: 'Another answer' })).toBeInViewport({ ratio: 1 });
  await chat.messageBox.fill('');
  expect(whole.startsWith(begun)).toBe(true);
  // What was begun is not told anew.
  expect(whole.indexOf(begun.slice(0, 60), 1)).toBe(-1);
  await page.getByRole('button', { name: 'Another answer' }).click();
  await expect(chat.lastAnswer).toContainText('2 of 2');
  await expect(chat.lastAnswer).toContainText(/tokens\/s/, { timeout: 90_000 });
  expect((await text()).slice(0, begun.length)).not.toBe(begun);
});

test('a download without a network says what it waits for', async ({ page, context }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.modelChip.click();
  await page.getByRole('button', { name: 'All models' }).click();
  const row = page.getByRole('dialog').getByRole('listitem').filter({ hasText: 'ONNX' });
  await context.setOffline(true);
  await row.getByRole('button', { name: 'Download' }).click();
  await expect(row).toContainText(/Trying again in \d+ s\./);
  await row.getByRole('button', { name: 'Pause' }).click();
  await expect(row.getByRole('button', { name: 'Download' })).toBeVisible();
  await context.setOffline(false);
});
