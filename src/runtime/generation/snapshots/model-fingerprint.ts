import type { GgufFile } from '../../../formats/gguf/index.ts';
import { type ByteSource, toHex } from '../../../shared/index.ts';

/** Slices of the weights that are looked at where the content has no name: all fine-tunes of a model differ in them. */
const SLICES = 256;
const SLICE_BYTES = 4_096;

/**
 * Names the content of a model: by the hashes it was verified with, or else by its whole header and slices spread evenly over
 * its weights. A model and a fine-tune of it get different names.
 */
export async function modelFingerprint(gguf: Pick<GgufFile, 'dataOffset'>, source: ByteSource): Promise<string> {
  if (source.contentName !== undefined) return sha256OfText(source.contentName);
  const parts = [await source.read(0, Math.min(gguf.dataOffset, source.size))];
  const length = Math.min(SLICE_BYTES, source.size);
  const last = source.size - length;
  for (let slice = 0; slice < SLICES; slice++) {
    parts.push((await source.read(Math.floor((last * slice) / (SLICES - 1)), length)).slice());
  }
  const size = new TextEncoder().encode(`${source.size}`);
  return sha256(new Uint8Array(await new Blob([size, ...(parts as Uint8Array<ArrayBuffer>[])]).arrayBuffer()));
}

/** Of a text's UTF-8 bytes, in lower-case hexadecimal. */
export function sha256OfText(text: string): Promise<string> {
  return sha256(new TextEncoder().encode(text));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
