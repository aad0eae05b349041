import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build } from 'vite';
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
test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sotto-package-'));
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));
// A page without an icon of its own.
test.use({ allowedErrors: [/404/] });

const node = (...parameters: string[]) => execFileSync(process.execPath, parameters, { cwd: ROOT, encoding: 'utf8' });

test('what npm packs is clean, and gives a fresh project its first answer', async ({ page }) => {
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, stdio: 'pipe', shell: true });
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  const installed = join(folder, 'node_modules', 'sotto');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);

  const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  // It is a module for browsers: how CommonJS would resolve it does not matter.
  node('node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only', '--no-color');

  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>');
  writeFileSync(join(folder, 'main.js'), MAIN);
  node(join(installed, 'package/bin/sotto.mjs'), 'copy', join(folder, 'public/sotto'));
  await build({ root: folder, configFile: false, logLevel: 'error', build: { target: 'es2023' } });
  const built = join(folder, 'dist');
  expect(readdirSync(join(built, 'assets')).every((name) => !name.includes('worker'))).toBe(true);
  symlinkSync(join(ROOT, 'models'), join(built, 'sotto/models'));

  const server = await listen(createStaticHandler({ directory: built, headers: securityHeaders() }));
  try {
    await page.goto(server.url);
    await expect(page).toHaveTitle('done', { timeout: 90_000 });
    await expect(page.locator('body')).toContainText(/hypertext transfer protocol/i);
  } finally {
    await server.close();
  }
});
