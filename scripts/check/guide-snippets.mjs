import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../lib/paths.mjs';

const NAMES = 'scripts/check/guide-names.d.ts';
/** A snippet may be the inside of a function. */
const RETURN_OUTSIDE = 1108;
const SNIPPET = /^```ts\n(.*?)^```/gms;

/** What an application imports, from the sources: the check needs no build of the package. */
const PACKAGE = {
  sotto: ['src/client/index.ts'],
  'sotto/ai-sdk': ['src/client/adapters/ai-sdk/index.ts'],
  'sotto/langchain': ['src/client/adapters/langchain/index.ts'],
  'sotto/prompt-api': ['src/client/adapters/prompt-api/index.ts'],
};

/** @type {ts.CompilerOptions} */
const OPTIONS = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['vite/client'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  paths: Object.fromEntries(Object.entries(PACKAGE).map(([name, [path]]) => [name, [join(ROOT, path ?? '')]])),
};

/** @type {readonly import('./source-rules.mjs').Rule[]} */
export const GUIDE_RULES = [
  {
    name: 'snippets of the guide compile',
    find: (files) => findSnippetProblems(files.filter(({ path }) => /^docs\/guide\/.*\.md$/.test(path))),
  },
];

/**
 * The TypeScript of guides, compiled as an application would compile it.
 * @param {readonly import('./files.mjs').ProjectFile[]} guides
 * @returns {string[]} A line for each error, with its place in the guide.
 */
function findSnippetProblems(guides) {
  const snippets = new Map(guides.flatMap(snippetsOf));
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => snippets.has(path) || fileExists(path);
  host.readFile = (path) => snippets.get(path)?.code ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const snippet = snippets.get(path);
    return snippet === undefined
      ? getSourceFile(path, target, ...rest)
      : ts.createSourceFile(path, snippet.code, target, true);
  };
  const program = ts.createProgram([join(ROOT, NAMES), ...snippets.keys()], OPTIONS, host);
  return [...snippets].flatMap(([path, { guide, line }]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .filter(({ code }) => code !== RETURN_OUTSIDE)
      .map(({ start = 0, messageText }) => {
        const place = program.getSourceFile(path)?.getLineAndCharacterOfPosition(start).line ?? 0;
        return `${guide}:${line + place}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
      }),
  );
}

/**
 * Each snippet as a module of its own. Lines keep their numbers.
 * @param {import('./files.mjs').ProjectFile} guide
 * @returns {[path: string, { code: string, guide: string, line: number }][]}
 */
function snippetsOf({ path, text }) {
  const guide = text();
  return [...guide.matchAll(SNIPPET)].map(({ index, 1: code = '' }) => {
    const line = guide.slice(0, index).split('\n').length + 1;
    return [join(ROOT, `${path}.${line}.ts`), { code: `${code}export {};\n`, guide: path, line }];
  });
}
