import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from '@playwright/test';
import { ensureChromium, launchOptions } from '../../scripts/lib/chromium.mjs';
import { killBrowser } from '../../scripts/lib/profile-processes.mjs';

/** A browser profile on disk that outlives the browser: what a person's second visit finds. */
export interface PersistentProfile {
  readonly directory: string;
  /** Starts a browser on the profile; close (or kill) it before the next one. */
  open(options?: {
    readonly extraArguments?: readonly string[];
    readonly baseURL?: string | undefined;
  }): Promise<BrowserContext>;
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
    open: async ({ extraArguments = [], baseURL } = {}) => {
      const context = await chromium.launchPersistentContext(directory, {
        ...launch,
        args: [...launch.args, ...extraArguments],
        ...(baseURL === undefined ? {} : { baseURL }),
      });
      opened.push(context);
      return context;
    },
    kill: () => killBrowser(directory),
    dispose: async () => {
      // A browser that a test killed cannot be closed again.
      await Promise.all(opened.map((context) => context.close().catch(() => {})));
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
