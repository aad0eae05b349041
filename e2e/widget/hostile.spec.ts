import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from '@playwright/test';
import { DIST } from '../../scripts/lib/paths.mjs';
import { type RunningServer, serveProduct } from '../../scripts/lib/server.mjs';
import { expect, test } from '../kit/index.ts';
import { type HostPage, startHost } from './host-page.ts';

const pages: Record<string, HostPage> = {};
const policy: Record<string, string> = {};
let host: RunningServer;
let sotto: RunningServer;
let other: RunningServer;
test.beforeAll(async () => {
  host = await startHost(pages);
  const embedders = [host.url.slice(0, -1)];
  sotto = await serveProduct({ embedders, pages: policy });
  other = await serveProduct({ embedders });
});
test.afterAll(async () => {
  for (const server of [host, sotto, other]) await server?.close();
});

const script = (address = sotto.url, more = '') => `<script type="module" ${more} src="${address}widget.js"></script>`;
const ELEMENT = '<sotto-chat title="Help desk"></sotto-chat>';

const launcher = (page: Page) => page.getByRole('button', { name: 'Open the assistant' });
const install = (page: Page) =>
  page.frameLocator('iframe[title="Help desk"]').getByRole('button', { name: /Fetch the model \(9\d/ });

async function opens(page: Page, path: string): Promise<void> {
  await page.goto(new URL(path, host.url).href);
  await launcher(page).click();
  await expect(install(page)).toBeVisible();
}

test('a page with every wall up (nonce, Trusted Types, own styles only) can hold it', async ({ page }) => {
  const rules = [
    "default-src 'none'",
    "script-src 'nonce-r4nd0m' 'strict-dynamic'",
    "style-src 'self'",
    `frame-src ${sotto.url}`,
    'img-src data:',
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  pages['/strict'] = {
    headers: {
      'Content-Security-Policy': rules.join('; '),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
    html: `${script(sotto.url, 'nonce="r4nd0m" crossorigin')}${ELEMENT}`,
  };
  await opens(page, '/strict');
  // A page that is isolated itself gives its frames threads.
  const frame = page.frames().find((one) => one.url().startsWith(sotto.url));
  expect(await frame?.evaluate(() => crossOriginIsolated)).toBe(true);
});

test.describe('a script that is not the one that was named', () => {
  test.use({ allowedErrors: [/integrity/] });

  test('does not run; the right one does', async ({ page }) => {
    const hash = createHash('sha256')
      .update(readFileSync(join(DIST, 'widget.js')))
      .digest('base64');
    pages['/integrity'] = { html: `${script(sotto.url, `crossorigin integrity="sha256-${hash}"`)}${ELEMENT}` };
    await opens(page, '/integrity');
    const wrong = createHash('sha256').update('something else').digest('base64');
    pages['/tampered'] = { html: `${script(sotto.url, `crossorigin integrity="sha256-${wrong}"`)}${ELEMENT}` };
    await page.goto(`${host.url}tampered`);
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate(() => customElements.get('sotto-chat') === undefined)).toBe(true);
  });
});

test('styles that unset, hide and move everything do not reach it', async ({ page }) => {
  pages['/unset'] = { html: `<link rel="stylesheet" href="/unset.css">${script()}${ELEMENT}` };
  await page.goto(`${host.url}unset`);
  // The page has hidden itself whole; what is looked at is what the element makes of its own box.
  const shown = await page.locator('sotto-chat').evaluate((chat) => {
    const [own, button] = [
      getComputedStyle(chat),
      getComputedStyle(chat.shadowRoot?.querySelector('button') as Element),
    ];
    return [
      own.display,
      own.opacity,
      own.position,
      own.clipPath,
      own.pointerEvents,
      button.position,
      button.width,
      button.cursor,
    ];
  });
  expect(shown).toEqual(['block', '1', 'static', 'none', 'auto', 'fixed', '56px', 'pointer']);
});

test('two copies, two versions and old libraries beside it: the first one serves all', async ({ page }) => {
  const libraries = '<script src="/jquery.js"></script><script src="/meddling.js"></script>';
  pages['/crowded'] = { html: `${libraries}${script()}${script()}${script(other.url)}${ELEMENT}` };
  await opens(page, '/crowded');
  const frame = page.frames().find((one) => one.url().startsWith(sotto.url));
  expect(await frame?.evaluate(() => crossOriginIsolated), 'threads on a page that is not isolated').toBe(true);
  const addresses = page.frames().map((one) => one.url());
  expect(addresses.filter((address) => address.endsWith('widget.html'))).toEqual([`${sotto.url}widget.html`]);
  await page.locator('sotto-chat').evaluate((chat: HTMLElement & { setContext(context: object): void }) => {
    chat.setContext({ text: 'The canteen opens at noon.', fields: { room: '214' } });
  });
  await expect(page.frameLocator('iframe').getByText('This page told the assistant about its content.')).toBeVisible();
});

test('in a closed sandbox it says that it cannot run; in an open one it runs', async ({ page }) => {
  pages['/inside'] = { html: `${script()}${ELEMENT}` };
  pages['/closed'] = {
    html: '<iframe id="box" sandbox="allow-scripts" src="/inside" width="600" height="700"></iframe>',
  };
  pages['/open'] = {
    html: '<iframe id="box" sandbox="allow-scripts allow-same-origin" src="/inside" width="600" height="700"></iframe>',
  };
  await page.goto(`${host.url}closed`);
  const box = page.frameLocator('#box');
  await box.getByRole('button', { name: 'Open the assistant' }).click();
  await expect(box.getByRole('alert')).toContainText(
    'The assistant cannot run here: this page is shown in a closed frame',
  );
  await page.goto(`${host.url}open`);
  await box.getByRole('button', { name: 'Open the assistant' }).click();
  await expect(box.frameLocator('iframe').getByRole('button', { name: /Fetch the model/ })).toBeVisible();
});

test.describe('a page the policy does not name', () => {
  test('gets no assistant, even where the server let it hold the frame', async ({ page }) => {
    policy['/sotto.policy.json'] = JSON.stringify({
      policyVersion: 1,
      organisation: 'Example Ltd',
      frameAncestors: ['https://intranet.example'],
    });
    try {
      pages['/unnamed'] = { html: `${script()}${ELEMENT}` };
      await page.goto(`${host.url}unnamed`);
      await launcher(page).click();
      const alert = page.frameLocator('iframe[title="Help desk"]').getByRole('alert');
      await expect(alert).toContainText(
        `The policy of Example Ltd does not let pages of ${host.url.slice(0, -1)} hold`,
      );
    } finally {
      delete policy['/sotto.policy.json'];
    }
  });
});

test.describe('the app itself', () => {
  test.use({ allowedErrors: [/frame-ancestors|Framing/] });

  test('is held by nobody: nothing can be laid over it', async ({ page }) => {
    pages['/overlay'] = { html: `<iframe src="${sotto.url}index.html"></iframe>` };
    await page.goto(`${host.url}overlay`);
    await expect
      .poll(() => page.frames().map((frame) => frame.url()))
      .toContainEqual(expect.stringMatching(/^chrome-error:/));
  });
});

test('what the page lays over the frame, makes transparent or shrinks, does not count as seen', async ({ page }) => {
  pages['/covered'] = { html: `${script()}${ELEMENT}` };
  await opens(page, '/covered');
  const frame = page.frames().find((one) => one.url().startsWith(sotto.url)) as Frame;
  // The question before an action of the page looks at itself in this way.
  const isSeen = () =>
    frame.evaluate(
      () =>
        new Promise<boolean | undefined>((resolve) => {
          const options = { trackVisibility: true, delay: 100, threshold: [0, 0.5, 1] };
          const seen = (entries: readonly IntersectionObserverEntry[]) =>
            resolve((entries[0] as IntersectionObserverEntry & { isVisible?: boolean }).isVisible);
          new IntersectionObserver(seen, options).observe(document.querySelector('.state') as Element);
        }),
    );
  await expect.poll(isSeen).toBe(true);
  const tricks = [
    'position: fixed; inset: 0; z-index: 2147483647; background: white; pointer-events: none',
    'opacity: 0.01',
    'transform: scale(0.2)',
  ];
  for (const trick of tricks) {
    await page.evaluate((style) => {
      const isCover = style.startsWith('position');
      const target = isCover ? document.body.appendChild(document.createElement('div')) : document.documentElement;
      target.id = 'trick';
      target.setAttribute('style', style);
    }, trick);
    await expect.poll(isSeen, trick).toBe(false);
    await page.evaluate(() => {
      const trick = document.getElementById('trick');
      trick?.removeAttribute('style');
      trick?.removeAttribute('id');
    });
    await expect.poll(isSeen).toBe(true);
  }
});

test('wrong greetings, fuzzed and flooding messages, and poisoned objects change nothing', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  pages['/raw'] = { html: `<iframe id="raw" src="${sotto.url}widget.html" width="400" height="600"></iframe>` };
  await page.goto(`${host.url}raw`);
  const frame = page.frames().find((one) => one.url().endsWith('widget.html')) as Frame;
  await expect(frame.getByRole('heading', { name: 'Assistant' })).toBeVisible();
  const answers = await page.evaluate(attack, sotto.url.slice(0, -1));
  expect(answers.greeted, 'one port of five is spoken through').toEqual([false, false, false, true, false]);
  for (const type of answers.told) expect(['connected', 'error', 'message', 'state']).toContain(type);

  // A second after the flood's last message has been dropped the frame hears as before. How long the frame takes to drop
  // them is the machine's business, so the page says it until it is heard.
  await expect(async () => {
    await page.evaluate(() => {
      const { port } = globalThis as unknown as { port: MessagePort };
      port.postMessage({ type: 'settings', settings: { title: '<img src=x onerror=alert(1)>', theme: 'dark' } });
    });
    await expect(frame.getByRole('heading', { name: '<img src=x onerror=alert(1)>' })).toBeVisible({ timeout: 1_200 });
  }).toPass({ timeout: 30_000 });
  await expect(frame.getByRole('button', { name: /Fetch the model/ })).toBeVisible();
  const state = await frame.evaluate(() => ({
    isPoisoned: 'poisoned' in {} || 'poisoned' in [],
    images: document.images.length,
    turns: document.querySelectorAll('article').length,
  }));
  expect(state).toEqual({ isPoisoned: false, images: 0, turns: 0 });
  expect(
    asked.filter((address) => address.endsWith('.gguf')),
    'no page can start a download',
  ).toEqual([]);
});

/** Runs in the page of the attacker. */
async function attack(origin: string) {
  const frame = (document.getElementById('raw') as HTMLIFrameElement).contentWindow as Window;
  const told = new Set<string>();
  const ports: MessagePort[] = [];
  const greeted: boolean[] = [];
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const greet = async (message: unknown) => {
    const { port1, port2 } = new MessageChannel();
    const index = greeted.push(false) - 1;
    port1.onmessage = ({ data }) => {
      greeted[index] = true;
      told.add(String(data.type));
    };
    ports.push(port1);
    frame.postMessage(message, origin, [port2]);
    await pause(100);
    return port1;
  };
  frame.postMessage({ type: 'sotto-widget-connect', version: 1 }, origin); // without a port
  await greet({ type: 'sotto-widget-connect', version: 2 });
  await greet({ type: 'sotto-widget-connect' });
  await greet('sotto-widget-connect');
  const port = await greet({ type: 'sotto-widget-connect', version: 1 });
  await greet({ type: 'sotto-widget-connect', version: 1 });
  Object.assign(globalThis, { port });

  const poisoned = JSON.parse('{"__proto__":{"poisoned":1},"constructor":{"prototype":{"poisoned":1}}}');
  const values = [
    null,
    0,
    -1,
    1e308,
    '',
    'x'.repeat(1e5),
    [],
    {},
    poisoned,
    new Map([[1, 2]]),
    new Date(),
    new Uint8Array(9),
    [[[[]]]],
  ];
  const types = [
    'settings',
    'shown',
    'send',
    'clear',
    'context',
    'tools',
    'tool-result',
    '__proto__',
    'constructor',
    'toString',
    7,
    null,
  ];
  const keys = [
    'settings',
    'context',
    'text',
    'tools',
    'id',
    'isOk',
    'title',
    'fields',
    'name',
    'parameters',
    '__proto__',
  ];
  let seed = 1;
  const any = <T>(list: readonly T[]): T => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return list[seed % list.length] as T;
  };
  const made = (depth: number): unknown =>
    depth === 0
      ? any(values)
      : Object.fromEntries([0, 1, 2].map(() => [any(keys), any([made(depth - 1), any(values)])]));
  for (let round = 0; round < 60; round++) {
    for (let count = 0; count < 15; count++) {
      port.postMessage({ ...(made(2) as object), type: any(types) });
      frame.postMessage(made(2), origin);
    }
    if (round % 10 === 0) await pause(150);
  }
  for (const field of ['context', 'settings'])
    port.postMessage({ type: field, [field]: { fields: poisoned, ...poisoned } });
  port.postMessage({ type: 'tools', tools: [poisoned, { name: '__proto__', parameters: poisoned }] });
  for (let count = 0; count < 5_000; count++) port.postMessage({ type: 'send', text: `flood ${count}` });
  return { greeted, told: [...told].sort() };
}
