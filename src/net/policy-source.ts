import { OPEN_POLICY, POLICY_BYTES_LIMIT, type Policy, readPolicy } from '../policy/index.ts';
import { type Clock, isAbortError, SottoError } from '../shared/index.ts';
import type { AllowedFetch } from './allowed-fetch.ts';
import { fetchText } from './fetch-text.ts';

/** Keeps the last policy of the site, for when it cannot be reached. Failing to keep is no failure of the policy. */
export interface PolicyMemory {
  read(): Promise<string | undefined>;
  write(text: string): Promise<void>;
}

export interface PolicySourceOptions {
  readonly url: URL;
  readonly fetch: AllowedFetch;
  readonly clock: Clock;
  readonly memory: PolicyMemory;
  /** Ed25519 key that the build insists on; empty: none. */
  readonly pinnedKey?: string;
}

const GONE: ReadonlySet<unknown> = new Set([404, 410]);

/** Kept of a site that has no such file: offline it still has none. */
const NO_FILE = '';

/** Where a policy is known already, a slow network holds nobody up for longer: what arrives later holds from the next start on. */
const PATIENCE_MS = 2_000;

/**
 * The site's policy, asked for once. A site without the file allows all it offers; a file that cannot be used allows nothing.
 * Out of reach of the site, or behind the sign-in page of a network, the last one that was seen holds.
 *
 * @returns A function that rejects with `policy-invalid`, or with what the network's failure was; then the next call asks again.
 */
export function createPolicySource({
  url,
  fetch,
  clock,
  memory,
  pinnedKey = '',
}: PolicySourceOptions): () => Promise<Policy> {
  const fromMemory = async (): Promise<Policy | undefined> => {
    const kept = await memory.read();
    if (kept === undefined) return undefined;
    return kept === NO_FILE && pinnedKey === '' ? OPEN_POLICY : readPolicy(kept, pinnedKey);
  };
  const load = async (): Promise<Policy> => {
    let text: string;
    try {
      text = await fetchText({ fetch, clock }, url, POLICY_BYTES_LIMIT, new AbortController().signal);
    } catch (error) {
      if (isAbortError(error)) throw error;
      if (SottoError.isInstance(error) && GONE.has(error.details['status'])) {
        if (pinnedKey !== '') return readPolicy('', pinnedKey);
        await memory.write(NO_FILE);
        return OPEN_POLICY;
      }
      const kept = await fromMemory();
      if (kept === undefined) throw error;
      return kept;
    }
    if (/^\s*</.test(text)) {
      const kept = await fromMemory();
      if (kept !== undefined) return kept;
    }
    const policy = await readPolicy(text, pinnedKey);
    await memory.write(text);
    return policy;
  };
  /** What is known already, once the network has had its time; a file that is broken is not news from the network. */
  const known = async (): Promise<Policy> => {
    await clock.sleep(PATIENCE_MS);
    const kept = await fromMemory().catch(() => undefined);
    return kept ?? new Promise<never>(() => {});
  };
  let loaded: Promise<Policy> | undefined;
  return () => {
    loaded ??= Promise.race([load(), known()]).catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

/** In a cache of its own: "delete everything" empties it with the others. */
export function cachedPolicy(url: URL): PolicyMemory {
  const open = () => ('caches' in globalThis ? caches.open('sotto-policy').catch(() => undefined) : undefined);
  return {
    read: async () => (await (await open())?.match(url).catch(() => undefined))?.text(),
    write: async (text) => {
      const cache = await open();
      await cache?.put(url, new Response(text)).catch(() => {});
    },
  };
}
