import { expect, test } from 'vitest';
import { BUILD_RULES } from './build-rules.mjs';
import { FILE_RULES } from './file-rules.mjs';
import { GUIDE_RULES } from './guide-snippets.mjs';
import { SOURCE_RULES } from './source-rules.mjs';

const RULES = [...SOURCE_RULES, ...FILE_RULES, ...GUIDE_RULES, ...BUILD_RULES];

function find(name: string, path: string, text: string): string[] {
  const rule = RULES.find((candidate) => candidate.name.startsWith(name));
  if (rule === undefined) throw new Error(`no rule "${name}"`);
  return rule.find([{ path, size: text.length, text: () => text }]);
}

const BROKEN: [rule: string, path: string, text: string][] = [
  ['fetch stays', 'src/app/chat.ts', 'await fetch("/x");'],
  ['fetch stays', 'src/app/chat.ts', 'const get = self.fetch;'],
  ['fetch stays', 'src/runtime/text/a.ts', 'start({ fetch });'],
  ['no other channel', 'src/net/a.ts', 'new WebSocket("ws://x");'],
  ['no other channel', 'src/net/a.ts', 'navigator.sendBeacon("/x", text);'],
  ['no other channel', 'workers/a.worker.ts', 'const make = globalThis.RTCPeerConnection;'],
  ['threads are', 'src/app/chat.ts', 'new Worker(url);'],
  ['threads are', 'src/app/chat.ts', 'new self.SharedWorker(url);'],
  ['no text becomes', 'src/app/a.tsx', 'element.innerHTML = text;'],
  ['no text becomes', 'src/app/a.tsx', 'element["outerHTML"] = text;'],
  ['no text becomes', 'src/app/a.tsx', 'const a = <p dangerouslySetInnerHTML={{ __html: text }} />;'],
  ['no text becomes', 'src/app/a.ts', 'document.write(text);'],
  ['no text becomes', 'src/app/a.ts', 'new Function("return 1");'],
  ['messages name', 'src/client/a.ts', 'parent.postMessage(data, "*");'],
  ['messages name', 'src/client/a.ts', 'parent.postMessage(data, { targetOrigin: "*" });'],
  ['errors speak', 'src/app/a.ts', 'throw new SottoError("internal", "nothing is here.");'],
  ['errors speak', 'src/app/a.ts', 'throw new SottoError("internal", a ? "It is." : `tensor is not.`);'],
  [
    'errors speak',
    'src/app/a.ts',
    'const fail = (at: number, text: string) => { throw new SottoError("internal", text); }; fail(1, "settings: none.");',
  ],
  ['index.ts only', 'src/app/index.ts', 'export const a = 1;'],
  ['files have', 'src/app/a.ts', 'a;\n'.repeat(501)],
  ['worker entries', 'workers/a.worker.ts', 'a;\n'.repeat(41)],
  ['every room', 'src/app/index.ts', 'export {};'],
  ['every room', 'src/app/README.md', 'a\n'.repeat(26)],
  ['no file above', 'docs/a.png', 'a'.repeat(1_000_001)],
  ['no package registry', 'package-lock.json', '{ "resolved": "https://example.test/a.tgz" }'],
  ['no package registry', '.npmrc', `registry=https://${['registry', 'npmjs', 'org'].join('.')}/`],
  [
    'snippets of',
    'docs/guide/a.md',
    "```ts\nimport { Sotto } from 'sotto';\nawait Sotto.create({ runtimes: '/' });\n```\n",
  ],
  ['the build names', 'dist/assets/a.js', 'import("https://cdn.example/x.js")'],
  ['the build names', 'dist/sw.js', 'new WebSocket(`wss://example.test`)'],
];

test.each(BROKEN)('"%s" finds what is wrong in %s: %s', (name, path, text) => {
  expect(find(name, path, text)).toHaveLength(1);
});

const KEPT: [rule: string, path: string, text: string][] = [
  ['fetch stays', 'src/net/ranges.ts', 'await fetch("/x");'],
  [
    'fetch stays',
    'src/app/chat.ts',
    '// fetch("/x")\nconst text = "fetch("; store.fetch(); interface A { fetch: typeof fetch }',
  ],
  ['fetch stays', 'src/app/chat.test.ts', 'await fetch("/x");'],
  ['threads are', 'src/client/workers.ts', 'new Worker(url);'],
  ['threads are', 'src/app/chat.ts', 'function start(worker: Worker) {}'],
  ['messages name', 'src/client/a.ts', 'port.postMessage(data, [buffer]); parent.postMessage(data, origin);'],
  [
    'errors speak',
    'src/app/a.ts',
    'new SottoError("internal", "config.json is no JSON."); new SottoError("internal", `"a" is none.`); fail("low text");',
  ],
  ['index.ts only', 'src/app/index.ts', "export { a } from './a.ts';\nexport type * from './b.ts';"],
  ['files have', 'src/app/a.ts', 'a;\n'.repeat(500)],
  ['no file above', 'models/a/weights.gguf', 'a'.repeat(1_000_001)],
  ['snippets of', 'docs/guide/a.md', '```ts\nconst { id } = await sotto.models.load(model);\nreturn id;\n```\n'],
  ['the build names', 'dist/assets/a.js', 'document.createElementNS("http://www.w3.org/2000/svg", "svg")'],
];

test.each(KEPT)('"%s" leaves alone what is right in %s', (name, path, text) => {
  expect(find(name, path, text)).toEqual([]);
});

test('every rule has a case that breaks it', () => {
  const tried = new Set(BROKEN.map(([name]) => name));
  expect(RULES.filter((rule) => ![...tried].some((name) => rule.name.startsWith(name)))).toEqual([]);
});
