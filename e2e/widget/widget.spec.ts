import AxeBuilder from '@axe-core/playwright';
import { listen, type RunningServer, serveProduct } from '../../scripts/lib/server.mjs';
import { expect, test } from '../kit/index.ts';

const QUESTION = 'What does HTTP stand for?';

/** An intranet page of another origin: strict policy, hostile style, the script twice. */
async function startHost(sotto: () => string, body: string): Promise<RunningServer> {
  return listen((request, response) => {
    const isPage = request.url === '/';
    response.setHeader(
      'Content-Security-Policy',
      `default-src 'none'; script-src ${sotto()} 'self'; style-src 'self'; frame-src ${sotto()}`,
    );
    if (isPage) {
      const script = `<script type="module" src="${sotto()}widget.js"></script>`;
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(
        `<!doctype html><html lang="en"><title>Intranet</title><link rel="stylesheet" href="/all.css">${script}${script}<h1>Leave policy</h1>${body}</html>`,
      );
    } else if (request.url === '/all.css') {
      response.setHeader('Content-Type', 'text/css');
      response.end('* { all: unset } iframe, button { display: none !important }');
    } else response.writeHead(404).end();
  });
}

let sotto: RunningServer;
let host: RunningServer;
const body = '<button id="other">Other</button><sotto-chat title="Help desk" welcome="Ask about leave."></sotto-chat>';
test.beforeAll(async () => {
  host = await startHost(() => sotto.url, body);
  sotto = await serveProduct({ embedders: [host.url.slice(0, -1)] });
});
test.afterAll(async () => {
  await host.close();
  await sotto.close();
});
// The host has no icon.
test.use({ allowedErrors: [/404/] });

test('an assistant on a page of another origin: asked for, fetched, answering, closed', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(sotto.url)) asked.push(new URL(request.url()).pathname);
  });
  await page.goto(host.url);
  await page.evaluate(() => {
    const events: object[] = [];
    Object.assign(globalThis, { events });
    for (const name of ['sotto-open', 'sotto-close', 'sotto-ready', 'sotto-message', 'sotto-error']) {
      document.addEventListener(name, (event) => events.push({ name, detail: (event as CustomEvent).detail }));
    }
  });
  const launcher = page.getByRole('button', { name: 'Open the assistant' });
  await expect(launcher).toBeVisible();
  expect(new Set(asked), 'nothing but the element before it is opened').toEqual(new Set(['/widget.js']));

  await launcher.click();
  const frame = page.frameLocator('iframe[title="Help desk"]');
  await expect(frame.getByRole('heading', { name: 'Help desk' })).toBeVisible();
  await expect(frame.getByText('Ask about leave.')).toBeVisible();
  const install = frame.getByRole('button', { name: /Fetch the model \(9\d/ });
  await expect(install).toBeVisible();
  expect(asked.filter((path) => path.endsWith('.gguf'))).toEqual([]);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);

  await install.click();
  const box = frame.getByRole('textbox', { name: 'Message' });
  await expect(box).toBeEnabled({ timeout: 90_000 });
  await box.fill(QUESTION);
  await box.press('Enter');
  await expect(frame.getByRole('article', { name: 'Assistant' })).toContainText(/hypertext transfer protocol/i, {
    timeout: 60_000,
  });
  await expect(frame.getByRole('button', { name: 'Send' })).toBeVisible({ timeout: 60_000 });

  await box.press('Escape');
  await expect(launcher).toBeFocused();
  const events = await page.evaluate(
    () => (globalThis as unknown as { events: { name: string; detail: unknown }[] }).events,
  );
  expect(events.map(({ name }) => name)).toEqual([
    'sotto-open',
    'sotto-ready',
    'sotto-message',
    'sotto-message',
    'sotto-close',
  ]);
  expect(JSON.stringify(events), 'the host learns no words').not.toMatch(/http/i);

  await page.evaluate(() => {
    const chat = document.querySelector('sotto-chat') as HTMLElement & {
      setContext(context: object): void;
      send(text: string): void;
    };
    chat.setContext({ text: 'The cafeteria opens at 11:30.' });
    chat.send('When does the cafeteria open?');
  });
  await expect(frame.getByText('This page told the assistant about its content.')).toBeVisible();
  await expect(frame.getByRole('article', { name: 'Assistant' })).toHaveCount(2, { timeout: 60_000 });
});

test.describe('a site that is not named', () => {
  test.use({ allowedErrors: [/404|frame-ancestors|Failed to execute 'postMessage'/] });

  test('cannot hold the frame', async ({ page }) => {
    const stranger = await startHost(() => sotto.url, body);
    try {
      await page.goto(stranger.url);
      await page.locator('sotto-chat').evaluate((chat: HTMLElement & { open(): void }) => chat.open());
      const addresses = () => page.frames().map((frame) => frame.url());
      await expect.poll(addresses).toContainEqual(expect.stringMatching(/^chrome-error:/));
    } finally {
      await stranger.close();
    }
  });
});
