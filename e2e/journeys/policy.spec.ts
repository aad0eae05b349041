import type { Page } from '@playwright/test';
import { type RunningServer, serveProduct } from '../../scripts/lib/server.mjs';
import { ChatPage, chooseFiles, expect, test } from '../kit/index.ts';

const DAY_MS = 24 * 60 * 60_000;
const STRICT = {
  organisation: 'Example Ltd',
  languages: ['de'],
  retentionDays: 30,
  features: { import: false, export: false, tools: false, documents: false, temporaryChat: false },
  models: { allowed: [{ id: 'smollm2-135m-instruct' }] },
};

/** Two chats as ChatGPT exports them: one of today, one that is forty days old. */
function exported(now: number): string {
  const chat = (id: string, days: number) => {
    const time = (now - days * DAY_MS) / 1000;
    const message = { author: { role: 'user' }, content: { parts: [`About ${id}`] }, create_time: time };
    return { id, title: id, create_time: time, update_time: time, mapping: { one: { parent: null, message } } };
  };
  return JSON.stringify([chat('Fresh', 0), chat('Forgotten', 40)]);
}

const pages: Record<string, string> = {};
let server: RunningServer;
const obey = (policy: object) => {
  pages['/sotto.policy.json'] = JSON.stringify({ policyVersion: 1, ...policy });
};
test.beforeAll(async () => {
  server = await serveProduct({ pages });
});
test.afterAll(() => server.close());
test.beforeEach(async ({ page }) => {
  // Nobody waits here for 98 MB.
  await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
});

const blocked = (page: Page) => page.getByRole('status').filter({ hasText: 'blocked-by-policy' });

test('the app hides what the policy switches off, refuses it by its code, and deletes only what was said', async ({
  page,
}) => {
  obey({});
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Settings' }).click();
  await chooseFiles(page.getByRole('button', { name: 'Import chats…' }), {
    name: 'conversations.json',
    mimeType: 'application/json',
    buffer: Buffer.from(exported(Date.now())),
  });
  await expect(page.getByText('2 chats imported.')).toBeVisible();

  obey(STRICT);
  await page.goto(`${server.url}?temporary`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(blocked(page)).toContainText('Temporary chats are switched off by the policy of Example Ltd.');
  await expect(page.getByText('Ab morgen wird 1 Chat')).toBeVisible();
  const sidebar = page.getByRole('complementary', { name: 'Chats' });
  await expect(sidebar).toContainText('30 Tage nach der letzten Nutzung gelöscht: eine Regel von Example Ltd');
  const names = ['Temporärer Chat', 'Dokumente', 'Eine .gguf-Datei öffnen …', 'Aus Dokumenten antworten'];
  for (const name of names) await expect(page.getByRole('button', { name })).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option', { name: 'Einstellungen' })).toBeVisible();
  for (const name of names) await expect(page.getByRole('option', { name })).toHaveCount(0);
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Einstellungen' }).click();
  const settings = page.getByRole('dialog', { name: 'Einstellungen' });
  await expect(settings.getByLabel('Sprache').getByRole('option')).toHaveText(['Wie der Browser', 'Deutsch']);
  await expect(settings.getByRole('button', { name: /JSON|Markdown|import/i })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['hello'], 'notes.txt'));
    dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true }));
  });
  await expect(blocked(page)).toContainText('Documents are switched off');

  const refusals = await page.evaluate(async () => {
    const { Sotto } = (await import(
      new URL('sotto.js', location.href).href
    )) as typeof import('../../src/client/index.ts');
    const sotto = await Sotto.create();
    const code = (work: Promise<unknown>) => work.then(String, (error: { code: string }) => error.code);
    const model = 'smollm2-135m-instruct';
    const tools = [{ type: 'function' as const, function: { name: 'now', parameters: { type: 'object' } } }];
    return Promise.all([
      code(sotto.retrieval.read(new File(['a'], 'a.txt'))),
      code(sotto.models.load(new File(['a'], 'a.gguf'))),
      code(sotto.models.load('another-model')),
      code(sotto.chat.completions.create({ model, messages: [{ role: 'user', content: 'a' }], tools })),
    ]);
  });
  expect(new Set(refusals)).toEqual(new Set(['blocked-by-policy']));

  await page.clock.setFixedTime(Date.now() + DAY_MS + 60_000);
  await page.goto(server.url);
  const list = page.getByRole('navigation', { name: 'Ihre Chats' });
  await expect(list.getByRole('button', { name: 'Fresh' })).toBeVisible();
  await expect(list.getByRole('button', { name: 'Forgotten' })).toHaveCount(0);
});

test('a site that wants a vault asks for a passphrase before the first chat, and keeps it on', async ({ page }) => {
  obey({ vault: 'required' });
  const chat = await new ChatPage(page).open(server.url);
  await expect(page.getByRole('heading', { name: 'A passphrase comes first' })).toBeVisible();
  await expect(chat.messageBox).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByLabel('New passphrase').fill('correct horse battery');
  await page.getByLabel('The same again').fill('correct horse battery');
  await page.getByRole('button', { name: 'Encrypt everything' }).click();
  await expect(chat.messageBox).toBeVisible({ timeout: 30_000 });
  await chat.seal.click();
  await expect(page.getByRole('button', { name: 'Lock now' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Switch off…' })).toHaveCount(0);
});

test.describe('a broken policy', () => {
  test('allows nothing, says where, and deletes nothing', async ({ page }) => {
    obey({ retentionDay: 1 });
    await page.goto(server.url);
    await expect(page.getByText('policy-invalid').first()).toBeVisible();
    await expect(
      page.getByText(/\(sotto\.policy\.json\) cannot be used: retentionDay is not a key/).first(),
    ).toBeVisible();
    await expect(page.getByRole('button', { name: 'Temporary chat' })).toHaveCount(0);
  });
});
