import type { ModelManifest } from '../../protocol/index.ts';
import { type ByteSource, SottoError, toHex } from '../../shared/index.ts';
import { parseManifest } from '../manifest.ts';

/**
 * A model pack: one file that carries a model to machines with no network. Numbers are little-endian.
 *
 * | bytes | what |
 * |---|---|
 * | 8 | "SOTTOPAK" |
 * | 4 | version of the format, 1 |
 * | 4 | length of the header text |
 * | 32 | Ed25519 public key of who made it |
 * | 64 | its signature over the first 16 bytes and the header text |
 * | … | header: UTF-8 JSON, `{ "manifest": …, "licence": "…" }` |
 * | … | the files of the manifest, one behind the other: `file`, then each of `companions` |
 *
 * The manifest names the SHA-256 of every chunk of every file, so the signature covers every byte.
 */
export interface PackHeader {
  readonly manifest: ModelManifest;
  /** Text of the licence; empty where whoever made the pack had none. */
  readonly licence: string;
  /** Ed25519, lower-case hexadecimal. */
  readonly publicKey: string;
  /** Where the first file begins. */
  readonly dataOffset: number;
}

const MAGIC = new TextEncoder().encode('SOTTOPAK');
const VERSION = 1;
const KEY_OFFSET = 16;
const SIGNATURE_OFFSET = 48;
const HEADER_OFFSET = 112;
const MOST_HEADER_BYTES = 16 * 2 ** 20;
const MOST_LICENCE_UNITS = 2 ** 20;

/** True where the bytes begin like a pack. */
export function isPack(start: Uint8Array): boolean {
  return MAGIC.every((byte, index) => start[index] === byte);
}

/** All files of a manifest, in the order of a pack. */
export function packFiles(manifest: ModelManifest) {
  return [manifest.file, ...(manifest.companions ?? [])];
}

/**
 * Reads the header of a pack, and believes nothing that is not signed by the key it carries.
 * Rejects with `pack-invalid`, `pack-truncated`, `pack-tampered`. Whether the key is one to trust is the caller's question.
 */
export async function readPackHeader(source: ByteSource): Promise<PackHeader> {
  if (source.size < HEADER_OFFSET) throw packError('pack-truncated', 'The pack ends within its first bytes.');
  const start = await source.read(0, HEADER_OFFSET);
  if (!isPack(start)) throw packError('pack-invalid', 'This is no model pack.');
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION) throw packError('pack-invalid', `This is a pack of version ${version}; 1 can be read.`);
  const length = view.getUint32(12, true);
  if (length > MOST_HEADER_BYTES) throw packError('pack-invalid', 'The header of the pack is too long.');
  if (source.size < HEADER_OFFSET + length) throw packError('pack-truncated', 'The pack ends within its header.');
  const header = await source.read(HEADER_OFFSET, length);
  const publicKey = start.slice(KEY_OFFSET, SIGNATURE_OFFSET);
  const signature = start.slice(SIGNATURE_OFFSET, HEADER_OFFSET);
  if (!(await isSigned(publicKey, signature, signedBytes(start.subarray(0, KEY_OFFSET), header)))) {
    throw packError('pack-tampered', 'The signature of the pack does not fit its header.');
  }
  const { manifest, licence } = readText(header);
  const dataOffset = HEADER_OFFSET + length;
  const due = packFiles(manifest).reduce((sum, { size }) => sum + size, dataOffset);
  if (source.size < due) {
    throw new SottoError('pack-truncated', `The pack ends after ${source.size} of ${due} bytes.`, {
      details: { bytes: source.size, neededBytes: due },
    });
  }
  if (source.size > due) throw packError('pack-invalid', 'Something follows behind the last file of the pack.');
  return { manifest, licence, publicKey: toHex(publicKey), dataOffset };
}

/** The bytes before the files. The files themselves follow as they are. */
export async function writePackHeader(
  { manifest, licence }: Pick<PackHeader, 'manifest' | 'licence'>,
  keys: CryptoKeyPair,
): Promise<Uint8Array<ArrayBuffer>> {
  const header = new TextEncoder().encode(JSON.stringify({ manifest, licence }));
  const bytes = new Uint8Array(HEADER_OFFSET + header.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, header.byteLength, true);
  bytes.set(header, HEADER_OFFSET);
  bytes.set(new Uint8Array(await crypto.subtle.exportKey('raw', keys.publicKey)), KEY_OFFSET);
  const message = signedBytes(bytes.subarray(0, KEY_OFFSET), header);
  bytes.set(new Uint8Array(await crypto.subtle.sign('Ed25519', keys.privateKey, message)), SIGNATURE_OFFSET);
  return bytes;
}

/** A name for a key that people can compare: the first 16 bytes of its SHA-256, in groups of four digits. */
export async function fingerprintOf(publicKey: string): Promise<string> {
  const key = Uint8Array.from(publicKey.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  const digest = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', key))).slice(0, 32);
  return digest.match(/.{4}/g)?.join(' ') ?? '';
}

function signedBytes(start: Uint8Array, header: Uint8Array): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(start.byteLength + header.byteLength);
  message.set(start);
  message.set(header, start.byteLength);
  return message;
}

async function isSigned(
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, signature, message);
  } catch (cause) {
    // 32 bytes that are no key are no signature either; a browser without Ed25519 can believe no pack.
    if (cause instanceof DOMException && cause.name === 'NotSupportedError') {
      throw new SottoError('pack-invalid', 'This browser cannot check signatures (Ed25519), so it opens no pack.', {
        cause,
      });
    }
    return false;
  }
}

function readText(header: Uint8Array): Pick<PackHeader, 'manifest' | 'licence'> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    const { manifest, licence } = JSON.parse(text) as { readonly manifest?: unknown; readonly licence?: unknown };
    return {
      manifest: parseManifest(JSON.stringify(manifest ?? null)),
      licence: typeof licence === 'string' ? licence.slice(0, MOST_LICENCE_UNITS) : '',
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SottoError('pack-invalid', `The header of the pack cannot be read: ${reason}`, { cause });
  }
}

function packError(code: 'pack-invalid' | 'pack-truncated' | 'pack-tampered', message: string): SottoError {
  return new SottoError(code, message);
}
