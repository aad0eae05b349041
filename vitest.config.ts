import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { findChromium, launchOptions, SOFTWARE_WEBGPU } from './scripts/lib/chromium.mjs';
import { PRODUCT_LIBRARIES } from './scripts/lib/product-libraries.mjs';
import { engineVersion } from './scripts/vite/engine-version.ts';

const chromium = await findChromium();
const launch = chromium === null ? { args: [] } : launchOptions(chromium);
/** The GPU engine's tests run everywhere, on Chromium's adapter in software; SOTTO_WEBGPU=device takes the machine's own. */
const webgpu = process.env['SOTTO_WEBGPU'] === 'device' ? ['--enable-unsafe-webgpu'] : SOFTWARE_WEBGPU;

/** Threads need a page that is cross-origin isolated, in tests as in the product. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * Found one by one, dependencies would be bundled while tests run, and the page reloaded under them.
 * The service worker's library is left out: no test page imports it.
 */
const BUNDLED_FIRST = [
  ...PRODUCT_LIBRARIES.filter((name) => name !== 'workbox-precaching'),
  'onnxruntime-web/webgpu',
  'preact/hooks',
  'preact/jsx-dev-runtime',
];

const NEVER = ['**/node_modules/**', '**/dist/**'];
const BROWSER = '**/*.browser.test.{ts,tsx}';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  define: { SOTTO_ENGINE_VERSION: JSON.stringify(engineVersion()) },
  server: { headers: ISOLATION },
  test: {
    globalSetup: './scripts/lib/vitest-setup.mjs',
    setupFiles: './scripts/lib/vitest-waits.ts',
    expect: { poll: { timeout: 15_000 } },
    passWithNoTests: false,
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          // Left alone, the runner keeps one core for itself: of two, half.
          maxWorkers: '100%',
          include: ['{src,workers,scripts,e2e}/**/*.test.{ts,tsx}'],
          exclude: [...NEVER, BROWSER],
        },
      },
      {
        extends: true,
        resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
        optimizeDeps: { include: BUNDLED_FIRST },
        test: {
          name: 'browser',
          include: [BROWSER],
          exclude: NEVER,
          // The engine's tests hold a whole model in memory: one page at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...launch, args: [...launch.args, ...webgpu] } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
