import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { ChatPage, expect, test } from '../kit/index.ts';
import { type IntranetSite, startIntranet } from './intranet-site.ts';

let site: IntranetSite;
test.beforeAll(async () => {
  site = await startIntranet();
  const parameters = ['scripts/knowledge.mjs', 'examples/intranet/pages', '--base', site.url, '--out', site.packFile];
  await promisify(execFile)(process.execPath, parameters, { cwd: ROOT });
});
test.afterAll(() => site?.close());
// The intranet has no icon.
test.use({ allowedErrors: [/404/] });

test('the demonstration intranet: strict pages, consent, an answer from the intranet’s own pages that leads there', async ({
  page,
}, info) => {
  info.annotations.push({ type: 'served by', description: site.program });
  const response = await page.goto(`${site.url}leave.html`);
  expect(response?.headers()['content-security-policy']).toContain("script-src 'self'; style-src 'self'");
  await page.getByRole('button', { name: 'Open the assistant' }).click();
  const frame = page.frameLocator('iframe[title="Ask the intranet"]');
  await expect(frame.getByText('Example Ltd does not see what you ask it.')).toBeVisible();
  await frame.getByRole('button', { name: /Fetch the model/ }).click();
  const box = frame.getByRole('textbox', { name: 'Message' });
  await expect(box).toBeEnabled({ timeout: 90_000 });
  // Actions of the page are asked for by the model; here the page's knowledge is what is looked at.
  await box.fill('What do I do about a forgotten password?');
  await box.press('Enter');
  const source = frame.getByRole('button', { name: 'Help desk' }).first();
  await expect(source).toBeVisible({ timeout: 90_000 });
  await source.click();
  await expect(frame.getByText('set anew at the terminal beside the reception')).toBeVisible();
  await expect(frame.getByText(`${site.url}help-desk.html`)).toBeVisible();
  const [opened] = await Promise.all([
    page.waitForEvent('popup'),
    frame.getByRole('button', { name: 'Open this page' }).click(),
  ]);
  await expect(opened).toHaveURL(`${site.url}help-desk.html`);
  await expect(opened.getByRole('heading', { name: 'Help desk', exact: true })).toBeVisible();

  const engines = () =>
    [page, opened].flatMap((tab) => tab.workers()).filter((worker) => worker.url().includes('inference'));
  expect(engines(), 'the widget’s').toHaveLength(1);
  // The app of the same site has the model already, and the widget's engine.
  await opened.goto(`${site.url}sotto/`);
  await new ChatPage(opened).untilReady();
  expect(engines(), 'one for both').toHaveLength(1);
});
