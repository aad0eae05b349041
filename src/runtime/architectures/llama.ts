import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';
import { windowOf } from './windows.ts';

/** Llama 1 to 3.2, Mistral, Mixtral, SmolLM, SmolLM2, TinyLlama, MobiLLama and others that share the family's layout. */
export function llamaSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'llama', (reader) => {
    const window = windowOf(reader);
    return { rope: 'interleaved', experts: { isNormalised: true }, windowOf: () => window };
  });
}

/** Ministral 3: queries grow with the logarithm of far positions; up to the original context they do not. */
export function mistral3Spec(gguf: GgufFile): DecoderSpec {
  let most = Number.POSITIVE_INFINITY;
  const spec = transformerSpec(gguf, 'mistral3', (reader) => {
    if (reader.number('attention.temperature_scale', 0, 1e3, 0) !== 0) {
      most = reader.integer('rope.scaling.original_context_length', 1, 2 ** 31);
    }
    return { rope: 'interleaved' };
  });
  return { ...spec, contextLength: Math.min(spec.contextLength, most) };
}

/** SmolLM 3: every fourth layer knows no positions. */
export function smollm3Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'smollm3', {
    rope: 'interleaved',
    ropeOf: (layer, rope) => ((layer + 1) % 4 === 0 ? undefined : rope),
  });
}

/** Arcee (AFM): no gate, squared ReLU. */
export function arceeSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'arcee', { rope: 'interleaved', activation: 'relu-squared' });
}

/** Architectures that differ from Llama in their name only. */
export const llamaLikeSpec = (architecture: string) => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'interleaved' });
