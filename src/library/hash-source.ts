import { type ByteSource, throwIfAborted } from '../shared/index.ts';

const STEP_BYTES = 4 * 2 ** 20;

/**
 * SHA-256 of all bytes of a source, in lower-case hexadecimal, without ever holding them all. WebCrypto hashes whole buffers
 * only, so this one is WebAssembly of its own, loaded when a file's hash is all that is known.
 */
export async function sha256OfSource(
  source: ByteSource,
  signal?: AbortSignal,
  onProgress: (bytes: number) => void = () => {},
): Promise<string> {
  const { createSHA256 } = await import('hash-wasm');
  const hasher = await createSHA256();
  for (let offset = 0; offset < source.size; offset += STEP_BYTES) {
    throwIfAborted(signal);
    hasher.update(await source.read(offset, Math.min(STEP_BYTES, source.size - offset), signal));
    onProgress(Math.min(offset + STEP_BYTES, source.size));
  }
  return hasher.digest('hex');
}
