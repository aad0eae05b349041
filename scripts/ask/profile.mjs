import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { releaseLock, takeLock } from '../lib/lock.mjs';
import { CACHE } from '../lib/paths.mjs';

/**
 * A browser profile for this process alone. Chromium lets one browser use a profile at a time, so runs side by side
 * get numbered ones; the first is kept, so that weights stay where they are between runs.
 * @param {string} [parent]
 * @returns {{ directory: string, release: () => void }}
 */
export function takeProfile(parent = CACHE) {
  mkdirSync(parent, { recursive: true });
  for (let number = 1; ; number += 1) {
    const directory = join(parent, `ask-profile-${number}`);
    const lock = `${directory}.lock`;
    if (!takeLock(lock)) continue;
    return {
      directory,
      release: () => {
        // Further profiles would only pile up copies of the weights.
        if (number > 1) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
        releaseLock(lock);
      },
    };
  }
}
