import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build, preview } from 'vite';
import webpack from 'webpack';
import { buildExamples, serveSite } from '../../scripts/examples/example-site.mjs';
import { copyRuntime, installPacked, lendPackages } from '../../scripts/examples/packed-library.mjs';
import { securityHeaders } from '../../scripts/headers.mjs';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { listen } from '../../scripts/lib/server.mjs';
import { createStaticHandler } from '../../scripts/lib/static-server.mjs';
import { expect, test } from '../kit/index.ts';

/** What a new user of the package writes, and all of it. */
const MAIN = `import { Sotto } from 'sotto';

const sotto = await Sotto.create({ runtime: '/sotto/' });
await sotto.models.load('smollm2-135m-instruct');
const stream = await sotto.chat.completions.create({
  model: 'smollm2-135m-instruct', stream: true, temperature: 0,
  messages: [{ role: 'user', content: 'What does HTTP stand for?' }],
});
for await (const chunk of stream) document.body.append(chunk.choices[0]?.delta.content ?? '');
document.title = 'done';
`;

let folder = '';
let tarball = '';
let installed = '';
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-package-'));
  ({ tarball, installed } = installPacked(folder));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>');
  writeFileSync(join(folder, 'main.js'), MAIN);
  copyRuntime(folder, join(folder, 'public/sotto'));
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));
// Pages without an icon of their own.
test.use({ allowedErrors: [/404/] });

async function expectAnswer(page: Page, directory: string): Promise<void> {
  symlinkSync(join(ROOT, 'models'), join(directory, 'sotto/models'));
  const server = await listen(createStaticHandler({ directory, headers: securityHeaders() }));
  try {
    await expectAnswerFrom(page, server.url);
  } finally {
    await server.close();
  }
}

async function expectAnswerFrom(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page).toHaveTitle('done', { timeout: 90_000 });
  await expect(page.locator('body')).toContainText(/hypertext transfer protocol/i);
}

/** Vite's own server answers every address with the page, as sites of one page do: also for what the library only looks for. */
async function expectAnswerFromVite(page: Page, root: string): Promise<void> {
  const server = await preview({
    root,
    configFile: false,
    logLevel: 'error',
    preview: { port: 0, headers: securityHeaders() },
  });
  try {
    await expectAnswerFrom(page, server.resolvedUrls?.local[0] ?? '');
  } finally {
    await server.close();
  }
}

test('what npm packs is clean, and gives a fresh project its first answer', async ({ page }) => {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  // It is a module for browsers: how CommonJS would resolve it does not matter.
  const attw = ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only', '--no-color'];
  execFileSync(process.execPath, attw, { cwd: ROOT, encoding: 'utf8' });

  await build({ root: folder, configFile: false, logLevel: 'error', build: { target: 'es2023' } });
  const built = join(folder, 'dist');
  expect(readdirSync(join(built, 'assets')).filter((name) => name.includes('.worker'))).toEqual([]);
  await expectAnswer(page, built);
  await expectAnswerFromVite(page, folder);
  // A policy of the site's own outlives an update of the package.
  const policy = join(folder, 'public/sotto/sotto.policy.json');
  writeFileSync(policy, '{ "policyVersion": 1 }');
  copyRuntime(folder, join(folder, 'public/sotto'));
  expect(readFileSync(policy, 'utf8')).toBe('{ "policyVersion": 1 }');
});

test('the service worker of the guide keeps the page and the engine, and leaves out what is too large', async () => {
  const [worker = '', plugin = ''] = [
    ...readFileSync(join(ROOT, 'docs/guide/offline.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs),
  ].map(([, code]) => code ?? '');
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/service-worker.ts'), worker);
  const config = join(folder, 'vite.config.ts');
  writeFileSync(config, plugin);
  lendPackages(folder);
  await build({ root: folder, configFile: config, logLevel: 'error', build: { target: 'es2023' } });
  const built = join(folder, 'dist');
  const kept = readFileSync(join(built, 'service-worker.js'), 'utf8');
  const { size } = statSync(
    join(
      built,
      'sotto/assets',
      readdirSync(join(built, 'sotto/assets')).find((name) => /^ort-wasm.*wasm$/.test(name)) ?? '',
    ),
  );
  expect(size).toBeGreaterThan(2 * 2 ** 20);
  for (const name of ['index.html', 'sotto/assets/inference.worker', 'sotto/assets/fused-shared'])
    expect(kept).toContain(name);
  expect(kept).not.toContain('ort-wasm');
  rmSync(config);
});

test('webpack bundles it, and leaves out what is not used', async ({ page }) => {
  const built = join(folder, 'webpack');
  copyRuntime(folder, join(built, 'sotto'));
  writeFileSync(join(built, 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>');
  await bundleWithWebpack({ main: join(folder, 'main.js') }, built);
  await expectAnswer(page, built);

  writeFileSync(join(folder, 'little.js'), `import { isAbortError } from 'sotto'; console.log(isAbortError(null));`);
  await bundleWithWebpack({ little: join(folder, 'little.js') }, join(folder, 'little'));
  const little = readdirSync(join(folder, 'little'));
  expect(little).toEqual(['little.js']);
  expect(statSync(join(folder, 'little/little.js')).size).toBeLessThan(MOST_SHAKEN_BYTES);
});

/** What one small thing may weigh: a class of errors with the sentences for its codes is the largest. */
const MOST_SHAKEN_BYTES = 12_000;

test('Vite leaves out of a page what it does not import', async () => {
  for (const name of ['isAbortError', 'SottoError', 'DEFAULT_EMBEDDING_MODEL']) {
    const bytes = await bundleWithVite(`import { ${name} } from 'sotto'; console.log(${name});`);
    expect(bytes, name).toBeLessThan(MOST_SHAKEN_BYTES);
  }
  // Imported and not used: nothing is left of it.
  expect(await bundleWithVite(`import { Sotto } from 'sotto'; console.log('hello');`)).toBeLessThan(1_000);
  // The measure measures: the whole client is many times as large.
  expect(await bundleWithVite(`import { Sotto } from 'sotto'; console.log(Sotto);`)).toBeGreaterThan(40_000);
});

/** Bytes of the bundle of a module, all its chunks together. */
async function bundleWithVite(source: string): Promise<number> {
  const input = join(folder, 'shaken.js');
  writeFileSync(input, source);
  const built = await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: { target: 'es2023', write: false, modulePreload: false, rolldownOptions: { input } },
  });
  const outputs = [built].flat().flatMap((one) => ('output' in one ? one.output : []));
  return outputs.reduce((bytes, file) => bytes + (file.type === 'chunk' ? file.code.length : 0), 0);
}

function bundleWithWebpack(entry: Readonly<Record<string, string>>, path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  const compiler = webpack({
    mode: 'production',
    target: 'web',
    context: folder,
    entry: { ...entry },
    experiments: { outputModule: true },
    output: { path, filename: '[name].js', module: true, publicPath: '/' },
    performance: { hints: false },
  });
  return new Promise((resolve, reject) => {
    compiler?.run((error, stats) => {
      const problem =
        error ?? (stats?.hasErrors() ? new Error(stats.toString({ all: false, errors: true })) : undefined);
      compiler.close(() => (problem ? reject(problem) : resolve()));
    });
  });
}

test('the eight examples do what they show', async ({ page }) => {
  test.setTimeout(300_000);
  const server = await serveSite(await buildExamples(folder));
  const open = (name: string) => page.goto(`${server.url}${name}/index.html`);
  const ready = () => expect(page.locator('p[role=status]')).toHaveText(/ready/i, { timeout: 90_000 });
  const http = /hypertext transfer protocol/i;
  try {
    for (const name of ['plain-html', 'vue', 'svelte']) {
      await open(name);
      await ready();
      await page.getByRole('button', { name: 'Ask' }).click();
      await expect(page.locator('output'), name).toContainText(http, { timeout: 60_000 });
    }

    await open('react');
    await page.getByRole('button', { name: 'Send' }).click({ timeout: 90_000 });
    await expect(page.locator('li.assistant')).toContainText(http, { timeout: 60_000 });
    await ready();

    await open('json-extraction');
    await ready();
    await page.getByRole('button', { name: 'Extract' }).click();
    await expect(page.locator('p[role=status]')).toHaveText('Done: stop', { timeout: 60_000 });
    const extracted = JSON.parse((await page.locator('pre').textContent()) ?? '');
    expect(extracted).toMatchObject({ name: expect.any(String), city: expect.any(String), born: expect.any(Number) });

    await open('tools');
    await ready();
    await page.getByRole('button', { name: /weather/ }).click();
    await expect(page.getByRole('dialog')).toContainText('get_weather', { timeout: 60_000 });
    await page.getByRole('button', { name: 'Allow' }).click();
    await expect(page.locator('li.tool')).toContainText('"degrees":21', { timeout: 60_000 });
    await expect(page.locator('p[role=status]')).toHaveText(/Done: /, { timeout: 60_000 });

    await open('embeddings-search');
    await ready();
    await page.getByRole('button', { name: 'Search' }).click();
    await expect(page.locator('li').first()).toContainText('winter coat', { timeout: 60_000 });

    await open('prompt-api');
    await expect(page.locator('p[role=status]')).toHaveText('Done.', { timeout: 120_000 });
    await expect(page.locator('#answer')).toContainText(http);
    await expect(page.locator('#choice')).toHaveText(/^\{"isProtocol": (true|false)\}$/);
    await expect(page.locator('#summary')).not.toBeEmpty();
  } finally {
    await server.close();
  }
});
