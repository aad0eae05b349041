/** Draws the PNG icons from public/icon.svg, in Chromium. Run it when the drawing changes: `node scripts/icons.mjs`. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';

const folder = new URL('../public/', import.meta.url);
const drawing = await readFile(new URL('icon.svg', folder), 'utf8');

const browser = await chromium.launch({
  executablePath: process.env['SOTTO_CHROMIUM'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  for (const size of [32, 192, 512]) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${drawing}`);
    await page.screenshot({ path: fileURLToPath(new URL(`icon-${size}.png`, folder)) });
    await page.close();
  }
} finally {
  await browser.close();
}
