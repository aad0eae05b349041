import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expectAccessible } from '../a11y/look.ts';
import { ChatPage, chooseFiles, expect, keptRows, returning, test } from '../kit/index.ts';

const THINGS = ['teapot', 'mug', 'plate', 'bowl', 'cup', 'jug', 'vase', 'pan', 'pot', 'tray', 'lamp', 'chair'];
const ROWS = THINGS.flatMap((thing) => [
  `broken,"My ${thing} came in pieces, it is broken"`,
  `broken,The ${thing} has a crack and leaks`,
  `colour,Do you have the ${thing} in blue?`,
  `colour,Which colours is the ${thing} made in?`,
]);
/** A table as people have it: a line that lost a cell, a label with one row, one text with two labels, rows without a label. */
const TABLE = [
  'label,text',
  ...ROWS,
  'broken,My jar is broken,and one cell too many',
  'odd,Where are you?',
  'broken,The blue one broke',
  'colour,The blue one broke',
  ',The green kettle fell apart',
  ',Is there a red kettle?',
].join('\n');

const tab = (page: Page, name: RegExp) => page.getByRole('navigation').getByRole('link', { name });
const file = (name: string, content: string | Buffer, mimeType = 'text/csv') => ({
  name,
  mimeType,
  buffer: Buffer.from(content as string),
});

test('rows become an expert that is judged, tried, labelled on, kept, brought back and used in a flow', async ({
  page,
}) => {
  await page.goto('./experts.html');
  await chooseFiles(page.getByRole('button', { name: 'Choose a file' }), file('shop.csv', TABLE));
  await expect(page.getByText('1 line could not be read')).toBeVisible();
  await expect(page.getByText('1 text has more than one label')).toBeVisible();
  await expect(page.getByText('with a single row each: odd')).toBeVisible();
  await expect(page.getByText('2 rows have no label yet')).toBeVisible();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/held-out rows, which it has never seen/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('table', { name: '' }).first()).toBeVisible();
  await expect(page.getByRole('row', { name: /broken/ }).first()).toContainText('%');

  await page.getByLabel('A text of the kind it is for').fill('the saucer i got is broken');
  await page.keyboard.press('Enter');
  await expect(page.locator('.answer .figure')).toContainText('broken');
  await expect(page.getByRole('heading', { name: 'Nearest examples' })).toBeVisible();
  await page.getByLabel('A text of the kind it is for').fill('zqx 0x7f :: ##');
  await page.keyboard.press('Enter');
  await expect(page.locator('.answer .figure')).toContainText('Unknown');
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await expect(page.getByText('Kept: shop, version 1.')).toBeVisible();

  // What is disputed comes first, then what the expert is least sure of; a key is enough, and a reload loses nothing.
  await tab(page, /Label by hand/).click();
  await expect(page.getByText('Your rows call it more than one thing: broken, colour.')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByText(/^The expert guesses/)).toBeVisible();
  await page.keyboard.press('Backspace');
  await expect(page.getByText('Your rows call it more than one thing')).toBeVisible();
  await page.keyboard.press('1');
  await page.getByText('The green kettle fell apart').or(page.getByText('Is there a red kettle?')).waitFor();
  // What was said is written when the work pauses.
  const draft = () => keptRows(page, 'sotto-experts', 'rows');
  await expect.poll(draft).toContainEqual(expect.stringContaining('"byHand":[["The blue one broke","broken"]]'));
  await page.reload();
  await expect(page.getByText(/2 in the queue/)).toBeVisible();
  const isGreen = await page.getByText('The green kettle fell apart').isVisible();
  await page.keyboard.press(isGreen ? '1' : '2');
  await page.keyboard.press(isGreen ? '2' : '1');
  await expect(page.getByText('Every text has a label.')).toBeVisible();
  await page.getByRole('button', { name: 'Train again' }).click();
  await expect(page.getByText(/^Before, with \d+ rows: .* Now, with \d+/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Keep', exact: true }).click();
  await expect(page.getByText('Kept: shop, version 2.')).toBeVisible();

  await tab(page, /Kept experts/).click();
  const versions = page.locator('.rows > li');
  await expect(versions).toHaveCount(2);
  await expect(versions.first()).toContainText('answers');
  await page.getByRole('combobox', { name: 'First' }).selectOption('shop@1');
  await page.getByRole('combobox', { name: 'Second' }).selectOption('shop@2');
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByText(/^On \d+ rows: the first/)).toBeVisible();
  await page.getByRole('button', { name: 'Let it answer version 1' }).click();
  await expect(page.getByText('Now shop, version 1, answers.')).toBeVisible();
  await expect(versions.last()).toContainText('answers');

  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export signed version 1' }).click();
  const path = await (await saving).path();
  const signed = readFileSync(path, 'utf8');
  const importing = page.getByRole('button', { name: 'Import an expert' });
  await chooseFiles(importing, file('shop-1.json', signed, 'application/json'));
  await expect(page.getByText('Signed by this browser, unchanged since.')).toBeVisible();
  const forged = signed.replace('"temperature":', '"temperature":1');
  await chooseFiles(importing, file('forged.json', forged, 'application/json'));
  await expect(page.getByText(/changed after it was signed/)).toBeVisible();

  await page.getByRole('link', { name: 'Use in a flow' }).click();
  await expect(page.getByRole('combobox', { name: 'Flow', exact: true }).locator('option:checked')).toHaveText('shop');
  await page.getByLabel('Your text').fill('my new bowl is in pieces');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.locator('pre').first()).toContainText('"label": "broken"');
});

test('what is no table, or teaches nothing, is said in words and loses nothing', async ({ page }) => {
  await page.goto('./experts.html');
  const give = (...given: Parameters<typeof file>) =>
    chooseFiles(page.getByRole('button', { name: 'Choose a file' }), file(...given));
  const status = page.getByRole('status');
  await give('empty.csv', '');
  await expect(status).toContainText('There is nothing in "empty.csv"');
  await give('picture.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13, 1, 2, 3, 255]));
  await expect(status).toContainText('"picture.csv" is no text');

  await give(
    'old.csv',
    Buffer.from(`text,label\n${['Tür', 'Öl'].map((word) => `${word} ist kaputt,a`).join('\n')}`, 'latin1'),
  );
  await expect(page.getByText(/read as Windows-1252/)).toBeVisible();
  await expect(page.getByRole('cell', { name: 'Tür ist kaputt' })).toBeVisible();
  await expect(page.getByText(/Every row is "a"/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeDisabled();
  await page.getByRole('button', { name: 'Start over with other rows' }).click();

  const many = Array.from(
    { length: 5_600 },
    (_, row) => `${row % 2 ? 'even' : 'odd'}\tThis is row number ${row} of many`,
  );
  await give('many.tsv', many.join('\n'), 'text/tab-separated-values');
  await expect(page.getByText('It learns from 4,')).toBeVisible();
  await page.getByLabel(/Keep every fifth row/).uncheck();
  await expect(page.getByText('It learns from 5,000 rows.')).toBeVisible();
  await expect(page.getByText('600 were left out, evenly')).toBeVisible();

  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the rows with their labels' }).click();
  const saved = readFileSync(await (await saving).path(), 'utf8').split('\r\n');
  expect(saved).toHaveLength(5_601);
  expect(saved[1]).toBe('This is row number 0 of many,odd,file');

  // Half a training that was stopped leaves everything as it was.
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Stopped. Nothing was lost.')).toBeVisible();
  await expect(page.getByText('It learns from 5,000 rows.')).toBeVisible();
});

test('names in texts are learned and found, at any width, in the dark and from right to left', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.goto('./experts.html');
  await expectAccessible(page, 'no rows yet');
  await page.getByRole('button', { name: /ships, parts, people/ }).click();
  await expect(page.getByRole('radio', { name: 'Find names in texts' })).toBeChecked();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/Whole names, right in place and kind/)).toBeVisible({ timeout: 60_000 });
  await page.getByLabel('A text of the kind it is for').fill('The gearbox of Aurora is loud, says Peter Lund.');
  await page.getByRole('button', { name: 'Ask it' }).click();
  await expect(page.locator('mark', { hasText: 'Aurora' })).toContainText('ship');
  await expectAccessible(page, 'result for names');

  await page.goto('./experts.html#examples');
  await page.getByRole('button', { name: 'Start over with other rows' }).click();
  await page.getByLabel(/One row a line/).fill(ROWS.slice(0, 20).join('\n'));
  await page.getByRole('button', { name: 'Take these rows' }).click();
  await expect(page.getByText('20 rows were read.')).toBeVisible();
  await expectAccessible(page, 'rows');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'What is taken for what' })).toBeVisible({ timeout: 60_000 });
  const look = async (views: readonly string[], state: string) => {
    await page.reload();
    for (const view of views) {
      await page.locator(`nav a[href="#${view}"]`).click();
      await expect(page.locator(`nav a[href="#${view}"]`)).toHaveAttribute('aria-current', 'page');
      await expectAccessible(page, `${view}, ${state}`);
    }
  };
  await look(['result', 'label', 'teach', 'kept'], '360 px, dark');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.evaluate(() => localStorage.setItem('sotto-display', '{"language":"ar"}'));
  await look(['examples', 'result'], '1440 px, light, from right to left');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
});

returning(
  'a chat model that is stored here labels rows, held to the labels, and what it says is measured',
  async ({ page }) => {
    await (await new ChatPage(page).open()).untilReady();
    await page.goto('./experts.html');
    const raw = THINGS.slice(0, 4).map((thing) => `,Is the ${thing} there in green?`);
    await page.getByLabel(/One row a line/).fill(['label,text', ...ROWS.slice(0, 40), ...raw].join('\n'));
    await page.getByRole('button', { name: 'Take these rows' }).click();
    await tab(page, /Let a model label/).click();
    await expect(page.getByRole('combobox', { name: 'Model' })).toContainText('SmolLM2 135M');
    await expect(page.getByText(/fewer than 300 million parameters/)).toBeVisible();
    await page.getByLabel('broken', { exact: true }).fill('something is damaged');
    await page.getByLabel('colour', { exact: true }).fill('asks about colours');
    await page.getByRole('button', { name: 'Let it label' }).click();
    await expect(page.getByText(/labelled 4 rows, and the expert learned from them/)).toBeVisible({ timeout: 90_000 });
    await expect(page.getByText('What the model said (4)')).toBeVisible();
    await expect(page.getByText(/^(?:broken|colour), \d+ % sure$/)).toHaveCount(4);
    await expect(page.getByText('The model agrees with you on held-out rows')).toBeVisible();
    await expect(page.locator('.facts dd').first()).toContainText('%');
  },
);
