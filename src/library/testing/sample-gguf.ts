import { type WrittenValue, writeGguf } from '../../formats/gguf/testing/gguf-writer.ts';

/** What a test wants in its model file; everything else is the same in all of them. */
export interface SampleGguf {
  readonly template?: string;
  readonly tokens?: readonly string[];
  /** Bytes of the one tensor; a multiple of 4. */
  readonly weightBytes?: number;
  readonly seed?: number;
  readonly name?: string;
}

/** A well-formed GGUF file whose one tensor holds bytes that look random; no engine could run it. */
export function sampleGguf({
  template = '{{ messages }}',
  tokens = ['a', 'b', 'c'],
  weightBytes = 4096,
  seed = 1,
  name = 'Sample',
}: SampleGguf = {}): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(weightBytes);
  let state = seed;
  for (let index = 0; index < weightBytes; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[index] = state >>> 24;
  }
  const text = (value: string): WrittenValue => ({ type: 'string', value });
  const whole = (value: number): WrittenValue => ({ type: 'uint32', value });
  return writeGguf({
    metadata: [
      ['general.architecture', text('llama')],
      ['general.name', text(name)],
      ['general.license', text('apache-2.0')],
      ['llama.context_length', whole(2048)],
      ['llama.block_count', whole(2)],
      ['llama.embedding_length', whole(64)],
      ['llama.attention.head_count', whole(4)],
      ['llama.attention.head_count_kv', whole(2)],
      ['tokenizer.ggml.model', text('gpt2')],
      ['tokenizer.ggml.tokens', { type: 'array', of: 'string', items: tokens.map(text) }],
      ['tokenizer.chat_template', text(template)],
    ],
    tensors: [{ name: 'token_embd.weight', type: 'F32', dimensions: [weightBytes / 4], data }],
  });
}
