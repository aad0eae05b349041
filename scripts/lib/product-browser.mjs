import { launchOptions, SOFTWARE_WEBGPU } from './chromium.mjs';

/**
 * Storage belongs to an origin, and an origin has a port: under this name, mapped to whatever port is free, weights
 * kept by one run are found by the next. `*.localhost` counts as a secure context.
 */
export const PRODUCT_ORIGIN = 'http://sotto.localhost/';

/**
 * Starts a headless Chromium on a profile, in which the product's fixed origin leads to `port`.
 * @param {{ executablePath: string, profile: string, port: number, wantsWebGpu?: boolean, extraArguments?: readonly string[] }} options
 * @returns {Promise<import('playwright').BrowserContext>}
 */
export async function openProductBrowser({ executablePath, profile, port, wantsWebGpu = false, extraArguments = [] }) {
  const { chromium } = await import('playwright');
  const launch = launchOptions(executablePath);
  return chromium.launchPersistentContext(profile, {
    ...launch,
    args: [
      ...launch.args,
      `--host-resolver-rules=MAP ${new URL(PRODUCT_ORIGIN).hostname}:80 127.0.0.1:${port}`,
      ...(wantsWebGpu ? ['--enable-unsafe-webgpu'] : []),
      ...(process.env['SOTTO_WEBGPU'] === 'software' ? SOFTWARE_WEBGPU : []),
      ...extraArguments,
    ],
    // Ctrl+C is answered by the command itself, which closes the browser in order.
    handleSIGINT: false,
    handleSIGTERM: false,
  });
}
