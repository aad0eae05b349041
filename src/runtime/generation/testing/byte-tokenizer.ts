import type { GgufValue } from '../../../formats/gguf/index.ts';
import { toByteLevel } from '../../text/encodings/byte-level.ts';
import { createTokenizer, type Tokenizer } from '../../text/index.ts';

/** Ids of the control tokens that follow the 256 bytes. */
export const BEGIN = 256;
export const END = 257;

/** A tokenizer whose tokens are the single bytes of UTF-8 and two control tokens; for tests. */
export function createByteTokenizer(): Tokenizer {
  const letters = Array.from({ length: 128 }, (_, byte) => toByteLevel(String.fromCharCode(byte)));
  // The bytes above 127 are no characters of their own: their letters are taken from texts that contain them.
  const high = new Map<number, string>();
  for (let code = 0x80; code < 0x11_0000 && high.size < 128; code += code < 0x800 ? 1 : 0x40) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const text = String.fromCodePoint(code);
    const bytes = new TextEncoder().encode(text);
    for (const [index, letter] of [...toByteLevel(text)].entries()) high.set(bytes[index] ?? 0, letter);
  }
  const tokens = [...letters, ...Array.from({ length: 128 }, (_, index) => high.get(index + 128) ?? `unused ${index}`)];
  const metadata = new Map<string, GgufValue>([
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', 'gpt-2'],
    ['tokenizer.ggml.tokens', [...tokens, '<begin>', '<end>']],
    ['tokenizer.ggml.token_type', [...tokens.map(() => 1), 3, 3]],
    // No word of any test holds these two letters side by side, so nothing is ever merged.
    ['tokenizer.ggml.merges', ['\u0100 \u0101']],
    ['tokenizer.ggml.bos_token_id', BEGIN],
    ['tokenizer.ggml.eos_token_id', END],
  ]);
  return createTokenizer({ metadata });
}
