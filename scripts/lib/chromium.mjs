import { existsSync } from 'node:fs';
import process from 'node:process';
import { Failure } from './failure.mjs';
import { run } from './run.mjs';

const SYSTEM_CHROMIUM = '/usr/bin/chromium';

const ADVICE = `Sotto's tests and "npm run ask" need a Chromium, and none was found. Do one of these:
  - install one with the system's package manager (Debian: apt-get install chromium);
  - run "npx playwright install chromium";
  - set SOTTO_CHROMIUM to the path of a Chromium or Chrome you have.`;

/**
 * The Chromium to use: the one SOTTO_CHROMIUM names, the system's, then Playwright's own.
 * @param {{ environment?: NodeJS.ProcessEnv, exists?: (path: string) => boolean, playwrightPath?: () => Promise<string | null> }} [deps]
 * @returns {Promise<string | null>} Its path, or null when there is none.
 * @throws {Failure} when SOTTO_CHROMIUM names a file that is not there: a wrong wish is not passed over in silence.
 */
export async function findChromium({
  environment = process.env,
  exists = existsSync,
  playwrightPath = playwrightChromium,
} = {}) {
  const chosen = environment['SOTTO_CHROMIUM'];
  if (chosen) {
    if (!exists(chosen)) throw new Failure(`SOTTO_CHROMIUM names "${chosen}", which does not exist.`);
    return chosen;
  }
  if (exists(SYSTEM_CHROMIUM)) return SYSTEM_CHROMIUM;
  const own = await playwrightPath();
  return own !== null && exists(own) ? own : null;
}

async function playwrightChromium() {
  try {
    const { chromium } = await import('playwright');
    return chromium.executablePath();
  } catch {
    return null;
  }
}

/**
 * The Chromium to use, installed first where this account may do that.
 * @returns {Promise<string>}
 */
export async function ensureChromium() {
  const found = await findChromium();
  if (found !== null) return found;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Failure(ADVICE);
  console.error('Installing Chromium (apt-get install chromium) …');
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const update = await run('apt-get', ['update', '-q'], { environment });
  const install = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], { environment });
  const installed = await findChromium();
  if (installed === null) throw new Failure(`${update.output}${install.output}\n${ADVICE}`);
  return installed;
}

/**
 * How to start it. Root has no sandbox to offer, and a container's /dev/shm is often too small for a model.
 * @param {string} executablePath
 * @returns {{ executablePath: string, headless: true, args: string[] }}
 */
export function launchOptions(executablePath) {
  const args = ['--disable-dev-shm-usage'];
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  return { executablePath, headless: true, args };
}

/**
 * Adds a WebGPU adapter in software, for machines without a GPU. It unrolls the clearing of workgroup memory, which takes
 * seconds a kernel to compile; our kernels write before they read, and without the clearing a test would show it if not.
 */
export const SOFTWARE_WEBGPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--enable-dawn-features=disable_workgroup_init',
];
