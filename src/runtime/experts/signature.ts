import type { ExpertArtefact } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';

/** What is signed: everything but the signature, in a fixed order of keys. */
function signedBytes({ signature: _, ...rest }: ExpertArtefact): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(stableJson(rest));
}

/** JSON whose keys are sorted, so that equal values give equal texts. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Signs an expert with an Ed25519 key pair of the person. */
export async function signExpert(expert: ExpertArtefact, keys: CryptoKeyPair): Promise<ExpertArtefact> {
  const value = await crypto.subtle.sign('Ed25519', keys.privateKey, signedBytes(expert));
  const publicKey = await crypto.subtle.exportKey('raw', keys.publicKey);
  return { ...expert, signature: { algorithm: 'Ed25519', publicKey: toBase64(publicKey), value: toBase64(value) } };
}

/** Rejects with `expert-invalid` unless the signature is there, right, and by one of the trusted keys (base64, raw). */
export async function verifyExpert(expert: ExpertArtefact, trustedKeys: readonly string[]): Promise<void> {
  const { signature } = expert;
  if (signature === undefined) throw new SottoError('expert-invalid', 'The expert carries no signature.');
  if (!trustedKeys.includes(signature.publicKey)) {
    throw new SottoError('expert-invalid', 'The expert is signed with a key that is not trusted here.');
  }
  const key = await crypto.subtle.importKey('raw', fromBase64(signature.publicKey), 'Ed25519', true, ['verify']);
  const isRight = await crypto.subtle.verify('Ed25519', key, fromBase64(signature.value), signedBytes(expert));
  if (!isRight) throw new SottoError('expert-invalid', 'The expert was changed after it was signed.');
}

function toBase64(bytes: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
