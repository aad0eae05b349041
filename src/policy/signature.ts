/** What a signed policy or pack carries. Keys and values are base64url without padding. */
export interface Signature {
  readonly algorithm: 'Ed25519';
  readonly publicKey: string;
  readonly value: string;
}

/**
 * The text that is signed: the object without its `signature`, keys in the order of their UTF-16 units, no white space (the
 * order and form of RFC 8785 for the JSON that is used here). Formatting a file anew does not break its signature.
 */
export function signedText(value: Readonly<Record<string, unknown>>): string {
  const { signature: _, ...rest } = value;
  return canonical(rest);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/**
 * @param text what was signed
 * @returns False also where this browser has no Ed25519: what cannot be verified is not believed.
 */
export async function isSignedBy(
  { publicKey, value }: Signature,
  text: string | Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', fromBase64Url(publicKey), 'Ed25519', false, ['verify']);
    const data = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    return await crypto.subtle.verify('Ed25519', key, fromBase64Url(value), data);
  } catch {
    return false;
  }
}

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
