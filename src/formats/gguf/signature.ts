import { SottoError } from '../../shared/index.ts';

/** The four bytes "GGUF". */
const MAGIC = [0x47, 0x47, 0x55, 0x46] as const;

/** Bytes that `checkSignature` likes to see; fewer will do. */
export const SIGNATURE_BYTES = 64;

/** True where the bytes begin like a GGUF file. */
export function isGguf(start: Uint8Array): boolean {
  return MAGIC.every((byte, index) => start[index] === byte);
}

/**
 * Names what a file is that is not GGUF, or undefined where it cannot tell.
 * People meet these: a sign-in page saved as a model, a git pointer, another format of the same model.
 */
export function recogniseOtherFormat(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, SIGNATURE_BYTES));
  const trimmed = text.replace(/^\u00ef\u00bb\u00bf/, '').trimStart();
  if (/^<(!doctype|html|head|body|\?xml|!--)/i.test(trimmed)) return 'an HTML page';
  if (/^version \S+git-lfs/.test(text)) return 'a Git LFS pointer, not the file it stands for';
  if (text.startsWith('PK\u0003\u0004')) return 'a ZIP archive (a PyTorch checkpoint, perhaps)';
  if (text.startsWith('\u001f\u008b')) return 'a gzip archive';
  if (/^(lmgg|tjgg|fmgg|algg)/.test(text)) return 'a GGML file from before the GGUF format';
  if (start[0] === 0x80 && start[1] !== undefined && start[1] >= 2 && start[1] <= 5) return 'a Python pickle';
  // safetensors: eight bytes of header length, then JSON.
  if (start.length >= 9 && start[8] === 0x7b && start[6] === 0 && start[7] === 0) return 'a safetensors file';
  if (trimmed.startsWith('{') || trimmed.startsWith('[')) return 'a JSON text';
  return undefined;
}

/** Throws `gguf-invalid` unless the bytes begin like a GGUF file, with the file's kind where it is recognised. */
export function checkSignature(start: Uint8Array): void {
  if (isGguf(start)) return;
  if (start.length < MAGIC.length && MAGIC.slice(0, start.length).every((byte, index) => start[index] === byte)) {
    throw new SottoError('gguf-truncated', `The file has only ${start.length} bytes.`);
  }
  const other = recogniseOtherFormat(start);
  throw new SottoError(
    'gguf-invalid',
    other === undefined
      ? 'This is not a GGUF file: it does not begin with "GGUF".'
      : `This is ${other}, not a GGUF file.`,
  );
}
