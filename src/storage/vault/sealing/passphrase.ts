import { Fields, SottoError } from '../../../shared/index.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** OWASP's figure for PBKDF2 with SHA-256 (Password Storage Cheat Sheet, 2023); nothing below it is ever accepted. */
export const LEAST_ITERATIONS = 600_000;
const MOST_ITERATIONS = 20_000_000;

/** Characters of a passphrase, at least. */
export const LEAST_CHARACTERS = 8;

/** 2: a ledger names the last writing of every record; a vault of version 1 gets one at its next unlock. */
const VERSION = 2;

/** What has to be kept to open the vault again; useless without the passphrase. */
export interface VaultHeader {
  readonly version: number;
  readonly kdf: { readonly name: 'PBKDF2-SHA-256'; readonly iterations: number; readonly salt: string };
  /** The data key, encrypted by the key that comes of the passphrase. */
  readonly wrapped: { readonly iv: string; readonly key: string };
  /** `sealing` and `opening`: a change that was broken off and goes on at the next unlock. */
  readonly state: 'sealing' | 'sealed' | 'opening';
}

/** Reads a header from the disk or a file. Throws `vault-damaged`; lowered costs are damage too. */
export function readHeader(value: unknown): VaultHeader {
  const fail = (message: string): never => {
    throw new SottoError('vault-damaged', message);
  };
  const fields = new Fields(value, 'vault', fail);
  const version = fields.integer('version', { least: 1 });
  if (version > VERSION) throw new SottoError('record-newer', 'The vault was made by a newer version.');
  const kdf = fields.object('kdf');
  const wrapped = fields.object('wrapped');
  const state = fields.text('state', { pattern: /^(sealing|sealed|opening)$/ }) as VaultHeader['state'];
  if (kdf.text('name') !== 'PBKDF2-SHA-256') fail('The vault asks for an unknown key derivation.');
  return {
    version,
    kdf: {
      name: 'PBKDF2-SHA-256',
      iterations: kdf.integer('iterations', { least: LEAST_ITERATIONS, most: MOST_ITERATIONS }),
      salt: kdf.text('salt', { pattern: /^[A-Za-z0-9+/=]{24,}$/, limit: 200 }),
    },
    wrapped: { iv: wrapped.text('iv', { limit: 100 }), key: wrapped.text('key', { limit: 500 }) },
    state,
  };
}

/** A new vault: its header and the key that seals records. */
export async function createKey(
  passphrase: string,
  state: VaultHeader['state'],
): Promise<{ readonly header: VaultHeader; readonly key: CryptoKey }> {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const header = await wrap(raw, passphrase, state);
  const key = await importKey(raw);
  raw.fill(0);
  return { header, key };
}

/** The key of a vault. Rejects with `passphrase-wrong` for another passphrase, or where one bit of the header was changed. */
export async function openKey(header: VaultHeader, passphrase: string): Promise<CryptoKey> {
  const raw = await unwrap(header, passphrase);
  const key = await importKey(raw);
  raw.fill(0);
  return key;
}

/** The same key under another passphrase: no record changes. */
export async function rewrap(header: VaultHeader, passphrase: string, next: string): Promise<VaultHeader> {
  const raw = await unwrap(header, passphrase);
  const changed = await wrap(raw, next, header.state);
  raw.fill(0);
  return changed;
}

async function wrap(
  raw: Uint8Array<ArrayBuffer>,
  passphrase: string,
  state: VaultHeader['state'],
): Promise<VaultHeader> {
  if ([...passphrase].length < LEAST_CHARACTERS) {
    throw new SottoError('passphrase-weak', `A passphrase has at least ${LEAST_CHARACTERS} characters.`);
  }
  const kdf = {
    name: 'PBKDF2-SHA-256',
    iterations: LEAST_ITERATIONS,
    salt: toBase64(crypto.getRandomValues(new Uint8Array(16))),
  } as const;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const kek = await deriveKey(passphrase, kdf);
  const key = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: boundTo(VERSION, kdf) }, kek, raw);
  return { version: VERSION, kdf, wrapped: { iv: toBase64(iv), key: toBase64(new Uint8Array(key)) }, state };
}

async function unwrap({ version, kdf, wrapped }: VaultHeader, passphrase: string): Promise<Uint8Array<ArrayBuffer>> {
  const kek = await deriveKey(passphrase, kdf);
  try {
    const algorithm = { name: 'AES-GCM', iv: fromBase64(wrapped.iv), additionalData: boundTo(version, kdf) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, kek, fromBase64(wrapped.key)));
  } catch (error) {
    throw new SottoError('passphrase-wrong', 'This passphrase does not open the vault.', { cause: error });
  }
}

/** Costs and version are part of what is authenticated: a header with lower ones does not open. */
function boundTo(version: number, kdf: VaultHeader['kdf']): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(['sotto-vault', version, kdf.name, kdf.iterations, kdf.salt]));
}

async function deriveKey(passphrase: string, kdf: VaultHeader['kdf']): Promise<CryptoKey> {
  // One passphrase typed on two keyboards may come as different code points.
  const bytes = new TextEncoder().encode(passphrase.normalize('NFC'));
  const material = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt: fromBase64(kdf.salt), iterations: kdf.iterations },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

function importKey(raw: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
