import { expect, it } from 'vitest';
import { reachedFiles } from './reached-files.mjs';

it('finds what a page names, and what that names in turn; nothing else', () => {
  const texts: Readonly<Record<string, string>> = {
    'page-1.js': 'import "./worker-2.js"; const style = "page-3.css"',
    'page-3.css': 'url(font-4.svg)',
    'worker-2.js': 'new URL("kernel-5.wasm")',
    'other-6.js': '"page-1.js"',
    'kernel-5.wasm': 'other-6.js',
    'font-4.svg': '',
  };
  const read = (name: string) => texts[name]!;
  const reached = reachedFiles('<script src="./assets/page-1.js">', Object.keys(texts), read);
  expect([...reached].sort()).toEqual(['font-4.svg', 'kernel-5.wasm', 'page-1.js', 'page-3.css', 'worker-2.js']);
});
