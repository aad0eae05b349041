import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterEach, expect, test } from 'vitest';
import arrows from '../../.dependency-cruiser.mjs';

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The names of the rules that a small source tree breaks. */
async function brokenRules(files: Record<string, string>): Promise<string[]> {
  folder = mkdtempSync(join(tmpdir(), 'sotto-arrows-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { tsConfig: _, ...options } = arrows.options ?? {};
  const roots = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))];
  const { output } = await cruise(roots, {
    ...options,
    baseDir: folder,
    validate: true,
    ruleSet: { forbidden: arrows.forbidden ?? [] },
  });
  return [...new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name))].sort();
}

test.each([
  ['arrows-of-shared', 'src/shared/a.ts', 'src/app/index.ts'],
  ['arrows-of-formats', 'src/formats/a.ts', 'src/net/index.ts'],
  ['arrows-of-storage', 'src/storage/a.ts', 'src/net/index.ts'],
  ['arrows-of-runtime', 'src/runtime/a.ts', 'src/client/index.ts'],
  ['arrows-of-client', 'src/client/a.ts', 'src/runtime/index.ts'],
  ['arrows-of-app', 'src/app/a.ts', 'src/runtime/index.ts'],
  ['arrows-of-protocol', 'src/protocol/a.ts', 'src/runtime/index.ts'],
  ['workers-are-entries', 'src/runtime/a.ts', 'workers/b.worker.ts'],
  ['workers-wire-the-inner-rooms', 'workers/a.worker.ts', 'src/client/index.ts'],
  ['rooms-have-doors', 'src/runtime/text/a.ts', 'src/storage/weights/idb.ts'],
  ['tests-are-not-code', 'src/app/a.ts', 'src/app/testing/b.ts'],
])('%s: %s may not import %s', async (rule, from, to) => {
  const up = '../'.repeat(from.split('/').length - 1);
  expect(
    await brokenRules({ [from]: `import { b } from '${up}${to}';\nb();`, [to]: 'export function b() {}' }),
  ).toEqual([rule]);
});

test('no-cycles, no-node-in-the-browser and nothing-unresolvable are found', async () => {
  const broken = await brokenRules({
    'src/app/a.ts': "import { b } from './b.ts';\nexport const a = () => b();",
    'src/app/b.ts': "import { a } from './a.ts';\nexport const b = () => a();",
    'src/app/c.ts': "import { readFileSync } from 'node:fs';\nreadFileSync('x');",
    'src/app/d.ts': "import './gone.ts';",
  });
  expect(broken).toEqual(['no-cycles', 'no-node-in-the-browser', 'nothing-unresolvable']);
});

test('the arrows as they are drawn break nothing', async () => {
  const broken = await brokenRules({
    'src/shared/index.ts': "export { a } from './a.ts';",
    'src/shared/a.ts': 'export const a = 1;',
    'src/protocol/index.ts': "export { a } from '../shared/index.ts';",
    'src/client/index.ts':
      "export { a } from '../protocol/index.ts';\nimport url from '../../workers/a.worker.ts?worker&url';\nexport { url };",
    'src/app/index.ts': "export { a } from '../client/index.ts';",
    'src/formats/gguf/index.ts': "export { a } from '../../shared/index.ts';",
    'src/storage/weights/index.ts': "export { a } from '../../formats/gguf/index.ts';",
    'src/runtime/text/index.ts': "export { a } from '../../storage/weights/index.ts';",
    'workers/a.worker.ts': "import { a } from '../src/runtime/text/index.ts';\nconsole.log(a);",
  });
  expect(broken).toEqual([]);
});
