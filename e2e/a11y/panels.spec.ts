import { ChatPage, expect, returning, test } from '../kit/index.ts';
import { EXTREMES, expectAccessibleIn, expectToFit } from './look.ts';

const PASSPHRASE = 'five words in a row';

returning(
  'every panel can be read, reached and touched, on a telephone in the dark and on a desk in the light',
  async ({ page }) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const look = (state: string) => expectAccessibleIn(EXTREMES, page, state);
    const chat = await (await new ChatPage(page).open()).untilReady();
    await chat.ask('What does HTTP stand for, and which other protocols are there beside it on the web of today?');
    await chat.finishedAnswer();
    const panel = page.getByRole('dialog');
    const close = () => page.keyboard.press('Escape');

    await look('an answer with quick replies');
    // An answer with a link, as the person wrote it: the sheet shows where it leads.
    await chat.lastAnswer.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Edit the message' }).fill('See [this](https://example.org/a?b=c).');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'this', exact: true }).click();
    await expect(panel).toBeVisible();
    await look('link sheet');
    await close();

    await page.keyboard.press('Control+,');
    await panel.getByRole('button', { name: 'Add a persona' }).click();
    await panel.getByText('How it answers').click();
    await look('settings with a persona');
    await close();

    await page.keyboard.press('Control+k');
    await expect(panel).toBeVisible();
    await look('commands');
    await close();

    await page.getByRole('button', { name: /^This chat/ }).click();
    await expect(panel.getByRole('combobox', { name: /^Model/ })).toContainText('SmolLM2 135M Instruct, 98');
    await look('this chat');
    await close();

    await page.getByRole('button', { name: 'Answer from documents' }).click();
    await panel.locator('input[type=file]').first().setInputFiles('docs/promises.md');
    await panel.getByRole('button', { name: 'promises.md', exact: true }).waitFor();
    await look('documents');
    await panel.getByRole('button', { name: 'promises.md', exact: true }).click();
    await expect(
      panel
        .last()
        .getByText('Models run in the page’s own threads', { exact: false })
        .or(panel.last().locator('.document-text p').first()),
    ).toBeVisible();
    await look('a document');
    await close();
    await expect(panel).toHaveCount(1);
    await close();
    await expect(panel).toHaveCount(0);

    for (const one of EXTREMES) {
      await page.setViewportSize(one);
      if (one.width < 1000) await page.getByRole('button', { name: 'Chats and search' }).click();
      // On a telephone the drawer has one of its own.
      await page.getByRole('searchbox').last().fill('stand');
      await expect(page.getByText('1 chat found.')).toBeAttached();
      await expectAccessibleIn([one], page, 'search');
      if (one.width < 1000) await close();
    }
  },
);

test('what is locked away and what lies beside can too', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const look = (state: string) => expectAccessibleIn(EXTREMES, page, state);
  const chat = await new ChatPage(page).open();
  const panel = page.getByRole('dialog');
  await chat.seal.click();
  await panel.getByRole('button', { name: 'Set a passphrase…' }).click();
  await look('privacy with the form of the vault');
  await panel.getByLabel('New passphrase').fill(PASSPHRASE);
  await panel.getByLabel('The same again').fill(PASSPHRASE);
  await panel.getByRole('button', { name: 'Encrypt everything' }).click();
  await panel.getByRole('button', { name: 'Lock now' }).click({ timeout: 30_000 });
  await expect(page.getByRole('heading', { name: 'The vault is locked' })).toBeVisible();
  await look('locked');

  await page.goto('/flows.html');
  await expect(page.getByRole('heading').first()).toBeVisible();
  await look('flows');
});

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
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectToFit(page, 'privacy');
});
