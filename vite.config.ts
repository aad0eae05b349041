import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { modelFiles } from './scripts/vite/model-files.ts';
import { responseHeaders } from './scripts/vite/response-headers.ts';

/** The library keeps one address for ever: other pages of the origin import it by name. */
const LIBRARY = 'sotto';

export default defineConfig({
  // Relative addresses: the same build works at the root of a host and below any path.
  base: './',
  // An unknown address is a 404, never the page: a missing weight file must not look like an answer.
  appType: 'mpa',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // `connect-src 'self'` refuses data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { app: 'index.html', [LIBRARY]: 'src/client/index.ts' },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) => (name === LIBRARY ? `${LIBRARY}.js` : 'assets/[name]-[hash].js'),
      },
    },
  },
  plugins: [
    responseHeaders(),
    modelFiles(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'workers',
      filename: 'service-worker.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        // The shell, the threads, the engine and the model lists. Weights live in IndexedDB, never here.
        globPatterns: ['**/*.{html,js,css,wasm,svg,png,webmanifest}', 'models/**/*.json'],
        maximumFileSizeToCacheInBytes: 4 * 1024 * 1024,
        target: 'es2023',
      },
    }),
  ],
});
