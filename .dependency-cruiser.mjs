import { PRODUCT_LIBRARIES } from './scripts/lib/product-libraries.mjs';

/**
 * The arrows of the house: app, widget, bench → client → protocol ← workers → runtime → net → library → storage → formats → shared.
 * Each room lists all it may reach; whatever is not listed is an error, so a new room starts with nothing.
 * `protocol` is the contract both sides meet at: the rooms that implement one of its ports may import it.
 */
const ROOMS = {
  shared: [],
  policy: ['shared'],
  protocol: ['policy', 'shared'],
  formats: ['shared'],
  storage: ['formats', 'protocol', 'shared'],
  library: ['storage', 'formats', 'protocol', 'shared'],
  net: ['library', 'storage', 'formats', 'policy', 'protocol', 'shared'],
  runtime: ['storage', 'net', 'formats', 'protocol', 'shared'],
  client: ['policy', 'protocol', 'shared'],
  // Of storage, the page opens what the person wrote: chats, settings, vault. Weights are the threads' business.
  app: ['client', 'storage', 'policy', 'protocol', 'shared'],
  // Answers look the same in the app and in the widget: how they are drawn is one piece of code.
  'flows-page': ['client', 'protocol', 'shared', 'app/format', 'app/i18n', 'app/pages'],
  // It looks like the flow page. Of storage, it opens what a person has not yet kept, and asks whether a vault is on.
  'experts-page': [
    'client',
    'policy',
    'protocol',
    'shared',
    'storage/experts',
    'storage/vault',
    'flows-page/styles',
    'app/format',
    'app/i18n',
    'app/pages',
  ],
  widget: ['client', 'policy', 'protocol', 'shared', 'app/render', 'app/format'],
  // The benchmark speaks and looks like the app.
  bench: ['client', 'protocol', 'shared', 'app/format', 'app/i18n', 'app/pages'],
};

const ERROR = /** @type {const} */ ('error');

const TESTS = '\\.test\\.tsx?$|/testing/|/fixtures/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(ROOMS).map(([room, reachable]) => ({
      name: `arrows-of-${room}`,
      comment: `src/${room} may import ${reachable.length === 0 ? 'no other room' : reachable.join(', ')}.`,
      severity: ERROR,
      from: { path: `^src/${room}/`, pathNot: TESTS },
      to: { path: '^src/', pathNot: `^src/(${[room, ...reachable].join('|')})/` },
    })),
    {
      name: 'workers-are-entries',
      comment:
        'A worker is started by its address; nothing imports its code. Its address is the supervisor’s business.',
      severity: ERROR,
      from: { path: '^src/', pathNot: `^src/client/|${TESTS}` },
      to: { path: '^workers/' },
    },
    {
      name: 'workers-wire-the-inner-rooms',
      comment: 'Worker entries wire runtime, storage and net to the protocol; the page’s rooms are not theirs.',
      severity: ERROR,
      from: { path: '^workers/', pathNot: TESTS },
      to: { path: '^src/(client|app|flows-page|experts-page|widget|bench)/' },
    },
    {
      name: 'rooms-have-doors',
      comment: 'Another room is entered through its index.ts, or that of one of its folders.',
      severity: ERROR,
      from: { path: '^src/([^/]+)/', pathNot: TESTS },
      to: {
        path: '^src/([^/]+)/.+/(?!index\\.ts$)[^/]+$',
        pathNot: ['^src/$1/', '/decoder-backend\\.ts$', '/types\\.ts$'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or hide a third.',
      severity: ERROR,
      from: { pathNot: '^node_modules' },
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-node-in-the-browser',
      comment: 'The product runs in a browser.',
      severity: ERROR,
      from: { path: '^(src|workers)/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-tools-in-the-product',
      comment: 'What the product is built from stands in scripts/lib/product-libraries.mjs.',
      severity: ERROR,
      // Adapters for other people's packages run where those people have brought them: they are optional peers.
      from: { path: '^(src|workers)/', pathNot: `${TESTS}|^src/client/adapters/(ai-sdk|langchain)/` },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: `^node_modules/(vite/client|vite-plugin-pwa|${PRODUCT_LIBRARIES.join('|')})`,
      },
    },
    {
      name: 'nothing-unresolvable',
      comment:
        'Every import leads somewhere. Generated kernels are there after the WASM step; the ONNX runtime’s own files are imported by address; the guide’s snippets name the package, which is there once it was packed.',
      severity: ERROR,
      from: { path: '^(src|workers|scripts|e2e)/', pathNot: '^scripts/check/guide-names' },
      to: { couldNotResolve: true, pathNot: '^virtual:|/generated/|^onnxruntime-web/' },
    },
    {
      name: 'tests-are-not-code',
      comment: 'A test helper in the product would be shipped.',
      severity: ERROR,
      from: { path: '^(src|workers)/', pathNot: TESTS },
      to: { path: TESTS },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/assembly/', '/generated/', '^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      conditionNames: ['import', 'browser', 'default'],
      exportsFields: ['exports'],
    },
  },
};
