import { existsSync, readFileSync } from 'node:fs';
import { defaultClientConditions, defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { assetManifest } from './scripts/vite/asset-manifest.ts';
import { engineVersion } from './scripts/vite/engine-version.ts';
import { modelFiles } from './scripts/vite/model-files.ts';
import { namelessHosts } from './scripts/vite/nameless-hosts.ts';
import { responseHeaders } from './scripts/vite/response-headers.ts';

/** The library keeps one address for ever: other pages of the origin import it by name. */
const LIBRARY = 'sotto';

/** So does the widget's element: other people's pages name it. */
const WIDGET = 'widget';

/** And what the element loads where it stands in a page of Sotto's own origin. */
const IN_PAGE = 'widget-in-page';

/**
 * The key that the site's policy must be signed with, where public/sotto.policy.pub holds one: then this build runs under no
 * other policy. `npm run policy -- key FILE` makes the pair.
 */
function policyKey(): string {
  const file = new URL('public/sotto.policy.pub', import.meta.url);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

export default defineConfig({
  // Relative addresses: the same build works at the root of a host and below any path.
  base: './',
  // An unknown address is a 404, never the page: a missing weight file must not look like an answer.
  appType: 'mpa',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // onnxruntime-web then loads its own script and module by the addresses it is given; bundled, its threads would re-run ours.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  define: {
    SOTTO_POLICY_KEY: JSON.stringify(policyKey()),
    SOTTO_ENGINE_VERSION: JSON.stringify(engineVersion()),
  },
  worker: { format: 'es', plugins: () => [namelessHosts()] },
  build: {
    target: 'es2023',
    // `connect-src 'self'` refuses data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // What the library loads later needs little that is not here by then: the list of it all would weigh more than it saves.
      resolveDependencies: (_file, needed, { hostId }) =>
        /\/client-[^/]*\.js$/.test(hostId) ? needed.filter((file) => file.endsWith('.css')) : needed,
    },
    rolldownOptions: {
      input: {
        app: 'index.html',
        'bench-page': 'bench.html',
        'experts-page': 'experts.html',
        'flows-page': 'flows.html',
        frame: 'widget.html',
        [WIDGET]: 'src/widget/element/define.ts',
        [IN_PAGE]: 'src/widget/in-page/index.ts',
        [LIBRARY]: 'src/client/index.ts',
        [`${LIBRARY}-prompt-api`]: 'src/client/adapters/prompt-api/index.ts',
      },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) =>
          name.startsWith(LIBRARY) || name === WIDGET || name === IN_PAGE ? '[name].js' : 'assets/[name]-[hash].js',
      },
    },
  },
  plugins: [
    namelessHosts(),
    responseHeaders(),
    modelFiles(),
    assetManifest(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'workers',
      filename: 'service-worker.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        // The shell, the threads, the engine and the model lists. Weights live in IndexedDB, never here.
        globPatterns: ['**/*.{html,js,css,wasm,svg,png,webmanifest}', 'models/**/*.json'],
        // The ONNX runtime is 27 MB: the service worker keeps it when somebody first uses it.
        globIgnores: ['**/ort-*', '**/transformers*', '**/tokenizer.json'],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
        target: 'es2023',
      },
    }),
  ],
});
