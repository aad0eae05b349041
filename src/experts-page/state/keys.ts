import { openExpertTable } from '../../storage/experts/index.ts';

const KEYS = 'signing keys';
const TRUSTED = 'sotto-trusted-experts';
const MOST_TRUSTED = 100;

function isPair(value: unknown): value is CryptoKeyPair {
  const pair = (value ?? {}) as Partial<CryptoKeyPair>;
  return pair.privateKey instanceof CryptoKey && pair.publicKey instanceof CryptoKey;
}

/** This browser's own pair, made when it is first needed. The private half can be used and not read out. */
export async function ownKeys(): Promise<CryptoKeyPair> {
  const table = await openExpertTable();
  const kept = await table.read(KEYS);
  if (isPair(kept)) return kept;
  const made = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
  await table.write(new Map([[KEYS, made]]));
  return made;
}

/** Public keys of others that a person said are theirs. */
export function trustedKeys(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(TRUSTED) ?? '[]');
    return Array.isArray(kept) ? kept.filter((key) => typeof key === 'string') : [];
  } catch {
    return [];
  }
}

export function trustKey(key: string): void {
  try {
    localStorage.setItem(TRUSTED, JSON.stringify([...new Set([...trustedKeys(), key])].slice(-MOST_TRUSTED)));
  } catch {
    // Blocked: it is asked again next time.
  }
}
