import { defineConfig } from '@playwright/test';
import { findChromium, launchOptions } from './scripts/lib/chromium.mjs';
import { freePort } from './scripts/lib/server.mjs';

const chromium = await findChromium();

// A free port, so that neither a running `npm start` nor another run is tested or disturbed. The processes that
// Playwright starts read this file again: they find the choice in their environment.
process.env['SOTTO_E2E_PORT'] ??= String(await freePort());
const port = process.env['SOTTO_E2E_PORT'];

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // A journey works and waits by turns: alone it keeps one core busy. More than two would only wait for each other's models.
  workers: 2,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${port}/`,
    browserName: 'chromium',
    headless: true,
    ...(chromium === null ? {} : { launchOptions: launchOptions(chromium) }),
    // No trace: it would keep the bytes of the weights with every failed journey.
    screenshot: 'only-on-failure',
  },
  webServer: {
    command: `node scripts/start.mjs --port ${port}`,
    url: `http://localhost:${port}/`,
    reuseExistingServer: false,
    timeout: 180_000,
  },
});
