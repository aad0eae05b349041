import { SottoError } from '../../../shared/index.ts';

/**
 * SentencePiece's precompiled map of characters to what they are written as: a double array packed into 32-bit entries,
 * then the replacements, each ended by a zero byte (source: sentencepiece's normalizer and llama-vocab.cpp).
 */
export class CharacterMap {
  readonly #entries: Uint32Array;
  readonly #replacements: Uint8Array;

  /** Throws `gguf-invalid` where the bytes contradict themselves. */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = bytes.length >= 4 ? view.getUint32(0, true) : 0;
    if (bytes.length < 4 || length % 4 !== 0 || length + 4 >= bytes.length) throw damaged();
    this.#entries = Uint32Array.from({ length: length / 4 }, (_, index) => view.getUint32(4 + 4 * index, true));
    this.#replacements = bytes.subarray(4 + length);
  }

  /** The longest entry that the text at `position` begins with: bytes it takes and what they become. */
  longestMatch(
    text: Uint8Array,
    position: number,
  ): { readonly length: number; readonly replacement: Uint8Array } | undefined {
    let node = base(this.#entry(0));
    let found: { length: number; value: number } | undefined;
    for (let index = position; index < text.length; index++) {
      const byte = text[index] ?? 0;
      if (byte === 0) break;
      node ^= byte;
      const entry = this.#entry(node);
      // Bits 0–7 and 31 name the byte that leads here; the sign bit marks entries that are values.
      if ((entry & 0x8000_00ff) >>> 0 !== byte) break;
      node ^= base(entry);
      if (((entry >>> 8) & 1) === 1) found = { length: index - position + 1, value: this.#entry(node) & 0x7fff_ffff };
    }
    if (!found) return undefined;
    const end = this.#replacements.indexOf(0, found.value);
    if (end === -1) throw damaged();
    return { length: found.length, replacement: this.#replacements.subarray(found.value, end) };
  }

  #entry(index: number): number {
    const entry = this.#entries[index];
    if (entry === undefined) throw damaged();
    return entry;
  }
}

function base(entry: number): number {
  return (entry >>> 10) << ((entry & 0x200) >>> 6);
}

function damaged(): SottoError {
  return new SottoError('gguf-invalid', 'The tokenizer of this file is damaged: its character map contradicts itself.');
}
