import { defineConfig } from '@playwright/test';
import { findChromium, launchOptions } from './scripts/lib/chromium.mjs';
import { E2E_PORT } from './scripts/lib/ports.mjs';

const chromium = await findChromium();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // A journey loads a real model: more of them at once would only wait for each other.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    baseURL: `http://localhost:${E2E_PORT}/`,
    browserName: 'chromium',
    headless: true,
    ...(chromium === null ? {} : { launchOptions: launchOptions(chromium) }),
    // No trace: it would keep the bytes of the weights with every failed journey.
    screenshot: 'only-on-failure',
  },
  webServer: {
    command: `node scripts/start.mjs --port ${E2E_PORT}`,
    url: `http://localhost:${E2E_PORT}/`,
    reuseExistingServer: false,
    timeout: 180_000,
  },
});
