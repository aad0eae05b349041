import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec, RopeSpec } from './decoder-spec.ts';
import type { ModelReader } from './model-reader.ts';
import { type Traits, transformerSpec } from './transformer.ts';
import { layerCountOf, slidingLayers, windowOf } from './windows.ts';

/** All of Gemma scale the embedding by √hidden. That norm weights are 1 + w is already in the file's values. */
function gemmaTraits(reader: ModelReader): Traits {
  return {
    rope: 'halves',
    activation: 'gelu',
    embeddingScale: Math.fround(Math.sqrt(reader.integer('embedding_length', 1, 2 ** 16))),
  };
}

export function gemmaSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'gemma', gemmaTraits);
}

/** The 27B models of both later generations scale queries by the hidden size a head instead of the head size. */
function attentionScaleOf(reader: ModelReader, layersOf27b: number): number | undefined {
  if (layerCountOf(reader) !== layersOf27b) return undefined;
  return (
    1 / Math.sqrt(reader.integer('embedding_length', 1, 2 ** 16) / reader.integer('attention.head_count', 1, 1024))
  );
}

function softCap(reader: ModelReader, key: string, fallback: number): number | undefined {
  const cap = reader.number(key, 0, 1e6, fallback);
  return cap === 0 ? undefined : cap;
}

/** Gemma 2: norms around both blocks, soft-caps, every other layer sees a window only. */
export function gemma2Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'gemma2', (reader) => {
    const window = windowOf(reader, 4096);
    const isSliding = slidingLayers(reader, 2);
    return {
      ...gemmaTraits(reader),
      norms: 'both',
      attentionScale: attentionScaleOf(reader, 46),
      attentionSoftCap: softCap(reader, 'attn_logit_softcapping', 50),
      logitSoftCap: softCap(reader, 'final_logit_softcapping', 30),
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
    };
  });
}

/** Gemma 3 (text): norms of queries and keys, five sliding layers to one full, each kind with a rotation of its own. */
export function gemma3Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'gemma3', (reader) => {
    const window = windowOf(reader);
    const isSliding = window === undefined ? () => false : slidingLayers(reader, 6);
    const slidingBase = reader.number('rope.freq_base_swa', 1, 1e12, 10_000);
    const sliding = { base: slidingBase, positionScale: 1 };
    let ropeOfSliding: RopeSpec | undefined;
    return {
      ...gemmaTraits(reader),
      norms: 'both',
      attentionScale: attentionScaleOf(reader, 62),
      logitSoftCap: softCap(reader, 'final_logit_softcapping', 0),
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      ropeOf: (layer, rope) => {
        ropeOfSliding ??= { ...rope, ...sliding };
        return isSliding(layer) ? ropeOfSliding : rope;
      },
    };
  });
}
