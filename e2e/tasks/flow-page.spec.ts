import { expectAccessible } from '../a11y/look.ts';
import { expect, test } from '../kit/index.ts';

test('a flow runs on the page, its steps light up, each can be opened and run again', async ({ page }) => {
  await page.goto('./flows.html');
  await page.getByRole('combobox', { name: 'Flow', exact: true }).selectOption('redact');
  await page.getByLabel('Your text').fill('My name is Tom Becker, mail me at tom@becker.example.');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('Done');
  await expect(page.locator('pre').first()).toContainText('[PERSON_1]');
  const node = page.getByRole('button', { name: 'clean' });
  await expect(node).toHaveClass(/done/);
  await node.click();
  await expect(page.getByText('task.redact, done')).toBeVisible();
  await page.getByRole('button', { name: 'Run again from here' }).click();
  await expect(page.getByText('task.redact, known from before')).toBeVisible();

  await page.getByLabel('Your text').fill('   ');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('empty');

  // A flow that takes a record is told what is no JSON, not what its first step misses in it.
  await page.getByRole('combobox', { name: 'Flow', exact: true }).selectOption('search-report');
  await page.getByLabel('Your text').fill('{ "question": "When?", ');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('This is no JSON.');
  await page.getByRole('combobox', { name: 'Flow', exact: true }).selectOption('redact');

  await page.getByLabel('Open files').setInputFiles([
    { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('Call Anna Keller.') },
    { name: 'b.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 1, 2, 3]) },
    { name: 'c.txt', mimeType: 'text/plain', buffer: Buffer.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72]) },
  ]);
  await expect(page.getByLabel('Your text')).toHaveValue('Call Anna Keller.\n\nMüller');
  await expect(page.getByRole('status')).toContainText('b.bin');
});

test('a flow is edited in forms, drawn and checked, kept, and compared with another', async ({ page }) => {
  await page.goto('./flows.html#edit');
  await expect(page.getByText('It can run.')).toBeVisible();
  await page.getByLabel('Add a step').selectOption('transform.text');
  await expect(page.getByRole('button', { name: 'text', exact: true })).toBeVisible();
  await expect(page.locator('.problems')).toContainText('nodes.text');
  const step = page.locator('details#node-text');
  await step.getByLabel('Settings (JSON)').fill('{ "template": ');
  await expect(step.getByText('This is no JSON.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Keep' })).toBeDisabled();
  await step.getByLabel('Settings (JSON)').fill('{ "template": "Language: {a}" }');
  await step.getByLabel('Its result is the flow’s').check();
  await page.locator('details#node-language summary').click();
  await page.locator('details#node-language').getByLabel('Its result is the flow’s').uncheck();
  await page.getByRole('button', { name: 'Add a way' }).click();
  const way = page.locator('details.part').last();
  await way.getByLabel('From').selectOption('language');
  await way.getByLabel('To').selectOption('text');
  await way.getByLabel('becomes').selectOption('a');
  await way.getByLabel('part').fill('language');
  await page.getByLabel('Id', { exact: true }).first().fill('speech');
  await page.getByLabel('Name', { exact: true }).fill('Speech');
  await expect(page.getByText('It can run.')).toBeVisible();
  await page.getByRole('button', { name: 'Keep' }).click();
  await expect(page.getByText('Kept in this browser.')).toBeVisible();

  await page.reload();
  await page.goto('./flows.html#compare');
  await page.getByLabel('First flow').selectOption('own:speech');
  await page.getByLabel('Second flow').selectOption('redact');
  const cases = ['text,text_out', 'Wo ist der Bahnhof?,Language: de', 'Where is the station?,Language: en'];
  await page.getByLabel('Test cases').fill(cases.join('\n').replace('text_out', 'text'));
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  // The second column of the same name is told from the first.
  await expect(page.getByRole('row', { name: /Speech/ })).toContainText('0.0 %');
  const lines = [
    { input: 'Wo ist der Bahnhof, bitte?', expect: { text: 'Language: de' } },
    { input: 'Where is the station?', expect: { text: 'language: EN' } },
  ];
  await page.getByLabel('Test cases').fill(lines.map((line) => JSON.stringify(line)).join('\n'));
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('row', { name: /Speech/ })).toContainText('100.0 %');
  await expect(page.getByRole('row', { name: /Redaction|redact|personal/i })).toContainText('0.0 %');
});

test('what a flow hands to a person is claimed and resolved in the queue', async ({ page }) => {
  await page.goto('./flows.html');
  await page.getByRole('combobox', { name: 'Flow', exact: true }).selectOption('support');
  await page
    .getByLabel('Your text')
    .fill('I am furious: order 55120 never came and nobody answers me. This is a disgrace!');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('status')).toContainText('in the queue', { timeout: 60_000 });
  await page.getByRole('link', { name: 'Queue' }).click();
  const ticket = page.getByRole('article');
  await expect(ticket).toContainText('55120');
  await expect(ticket.getByRole('button', { name: 'Claim' })).toBeDisabled();
  await page.getByLabel('Your name').fill('Ines');
  await ticket.getByRole('button', { name: 'Claim' }).click();
  await expect(ticket).toContainText('Claimed by Ines');

  // Another tab sees it, and cannot take it.
  const other = await page.context().newPage();
  await other.goto('./flows.html#queue');
  await expect(other.getByRole('article')).toContainText('Claimed by Ines');
  await expect(other.getByRole('button', { name: 'Claim' })).toHaveCount(0);
  await other.close();

  await ticket.getByLabel('What was done').fill('Called back, sent a new parcel.');
  await ticket.getByRole('button', { name: 'Resolve' }).click();
  await expect(page.getByText('Nobody waits.')).toBeVisible();
  await page.getByLabel('Show what is done').check();
  await expect(page.getByRole('article')).toContainText('Called back, sent a new parcel.');
});

test('the page speaks the language of the browser', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ locale: 'ar', ...(baseURL === undefined ? {} : { baseURL }) });
  const page = await context.newPage();
  await page.goto('./flows.html');
  await expect(page.getByRole('heading', { name: 'المسارات' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await context.close();
});

for (const [colorScheme, width] of [
  ['light', 360],
  ['dark', 1440],
] as const) {
  test(`axe finds nothing serious on any view: ${colorScheme}, ${width} px`, async ({ page }) => {
    // Colours on their way to others are nobody's choice.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await page.goto('./flows.html');
    await expect(page.getByRole('button', { name: 'input' })).toBeVisible();
    for (const view of ['Run', 'Edit', 'Compare', 'Queue']) {
      await page.getByRole('link', { name: view }).click();
      await expect(page.getByRole('link', { name: view })).toHaveAttribute('aria-current', 'page');
      await expectAccessible(page, view);
      const isWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth + 1);
      expect(isWide, `${view} has no sideways scroll`).toBe(false);
    }
  });
}
