import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type BrowserContext, chromium } from '@playwright/test';
import { ensureChromium, launchOptions } from '../../scripts/lib/chromium.mjs';

/** A browser profile on disk that outlives the browser: what a person's second visit finds. */
export interface PersistentProfile {
  readonly directory: string;
  /** Starts a browser on the profile; close (or kill) it before the next one. */
  open(options?: { readonly extraArguments?: readonly string[] }): Promise<BrowserContext>;
  /** Ends the browser as a power cut would: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
  /** Closes what is open and deletes the profile. */
  dispose(): Promise<void>;
}

/** Makes an empty profile in the system's temporary folder. */
export async function createProfile(): Promise<PersistentProfile> {
  const directory = await mkdtemp(join(tmpdir(), 'sotto-profile-'));
  const launch = launchOptions(await ensureChromium());
  const opened: BrowserContext[] = [];
  return {
    directory,
    open: async ({ extraArguments = [] } = {}) => {
      const context = await chromium.launchPersistentContext(directory, {
        ...launch,
        args: [...launch.args, ...extraArguments],
      });
      opened.push(context);
      return context;
    },
    kill: async () => {
      const killed = new Set(await killBrowser(directory));
      while ((await processesOf(directory)).some((id) => killed.has(id))) await setTimeout(50);
    },
    dispose: async () => {
      // A browser that a test killed cannot be closed again.
      await Promise.all(opened.map((context) => context.close().catch(() => {})));
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Ids of all processes of the browser that runs on a profile. */
async function processesOf(directory: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,command='], { maxBuffer: 2 ** 24 });
  return stdout
    .split('\n')
    .filter((line) => line.includes(`--user-data-dir=${directory}`) && !line.includes('<defunct>'))
    .map((line) => Number.parseInt(line, 10));
}

async function killBrowser(directory: string): Promise<number[]> {
  const ids = await processesOf(directory);
  for (const id of ids) {
    try {
      process.kill(id, 'SIGKILL');
    } catch {
      // It went with its parent.
    }
  }
  return ids;
}
