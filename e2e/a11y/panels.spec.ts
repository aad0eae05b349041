import { ChatPage, expect, test } from '../kit/index.ts';
import { expectAccessible, expectToFit } from './look.ts';

const PASSPHRASE = 'five words in a row';

for (const { width, height, colorScheme } of [
  { width: 360, height: 740, colorScheme: 'dark' },
  { width: 1440, height: 900, colorScheme: 'light' },
] as const) {
  test(`every panel can be read, reached and touched: ${colorScheme}, ${width} px`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    const chat = await (await new ChatPage(page).open()).untilReady();
    await chat.ask('What does HTTP stand for, and which other protocols are there beside it on the web of today?');
    await chat.finishedAnswer();
    const panel = page.getByRole('dialog');
    const close = () => page.keyboard.press('Escape');

    await expectAccessible(page, 'an answer with quick replies');
    // An answer with a link, as the person wrote it: the sheet shows where it leads.
    await chat.lastAnswer.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Edit the message' }).fill('See [this](https://example.org/a?b=c).');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'this', exact: true }).click();
    await expectAccessible(page, 'link sheet');
    await close();

    await page.keyboard.press('Control+,');
    await panel.getByRole('button', { name: 'Add a persona' }).click();
    await panel.getByText('How it answers').click();
    await expectAccessible(page, 'settings with a persona');
    await close();

    await page.keyboard.press('Control+k');
    await expectAccessible(page, 'commands');
    await close();

    await page.getByRole('button', { name: /^This chat/ }).click();
    await expect(panel.getByRole('combobox', { name: /^Model/ })).toContainText('SmolLM2 135M Instruct, 98');
    await expectAccessible(page, 'this chat');
    await close();

    await page.getByRole('button', { name: 'Answer from documents' }).click();
    await panel.locator('input[type=file]').first().setInputFiles('docs/promises.md');
    await panel.getByRole('button', { name: 'promises.md', exact: true }).waitFor();
    await expectAccessible(page, 'documents');
    await panel.getByRole('button', { name: 'promises.md', exact: true }).click();
    await expect(
      panel
        .last()
        .getByText('Models run in the page’s own threads', { exact: false })
        .or(panel.last().locator('.document-text p').first()),
    ).toBeVisible();
    await expectAccessible(page, 'a document');
    await close();
    await close();

    if (width < 1000) await page.getByRole('button', { name: 'Chats and search' }).click();
    await page.getByRole('searchbox').fill('stand');
    await expect(page.getByText('1 chat found.')).toBeAttached();
    await expectAccessible(page, 'search');
  });

  test(`what is locked away and what lies beside can too: ${colorScheme}, ${width} px`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    const chat = await new ChatPage(page).open();
    const panel = page.getByRole('dialog');
    await chat.seal.click();
    await panel.getByRole('button', { name: 'Set a passphrase…' }).click();
    await expectAccessible(page, 'privacy with the form of the vault');
    await panel.getByLabel('New passphrase').fill(PASSPHRASE);
    await panel.getByLabel('The same again').fill(PASSPHRASE);
    await panel.getByRole('button', { name: 'Encrypt everything' }).click();
    await panel.getByRole('button', { name: 'Lock now' }).click({ timeout: 30_000 });
    await expect(page.getByRole('heading', { name: 'The vault is locked' })).toBeVisible();
    await expectAccessible(page, 'locked');

    await page.goto('/flows.html');
    await expect(page.getByRole('heading').first()).toBeVisible();
    await expectAccessible(page, 'flows');
  });
}

test('at 320 px, as at 400 % zoom, with forced colours and from right to left, everything still fits', async ({
  page,
}) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await page.addInitScript(() => localStorage.setItem('sotto-display', '{"language":"ar"}'));
  await page.goto('/');
  await expect(page.locator('.chip')).toContainText('CPU', { timeout: 60_000 });
  await expectToFit(page, 'empty');
  // The seal says its whole count: what is cut off is not said.
  const cut = await page.evaluate(
    () =>
      [...document.querySelectorAll('.seal, .seal *')].filter(
        (element) =>
          element.checkVisibility() && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0,
      ).length,
  );
  expect(cut, 'parts of the seal that are cut off').toBe(0);
  await page.getByRole('textbox').first().fill('كلمة '.repeat(60));
  await expectToFit(page, 'a long draft');
  for (const keys of ['Control+,', 'Control+k']) {
    await page.keyboard.press(keys);
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectToFit(page, keys);
    await page.keyboard.press('Escape');
  }
  await page.locator('.seal').click();
  await expectToFit(page, 'privacy');
});
