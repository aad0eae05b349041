import type { GgufFile } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
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

/**
 * Gemma 4: per-layer inputs, or experts beside a dense block, values normalised, heads of two sizes; the last layers read the keys and values of
 * the last ones of their kind that made some. Its full layers leave most of a head unturned, by huge `rope_freqs`.
 */
export function gemma4Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'gemma4', (reader) => {
    const layers = layerCountOf(reader);
    const window = windowOf(reader);
    const isSliding = slidingLayers(reader, 6);
    const own = layers - reader.integer('attention.shared_kv_layers', 0, layers - 1, 0);
    const headSize = reader.integer('attention.key_length', 8, 512);
    const slidingHead = reader.integer('attention.key_length_swa', 8, 512, headSize);
    const sliding = {
      dimensions: reader.integer('rope.dimension_count_swa', 2, slidingHead, slidingHead),
      base: reader.number('rope.freq_base_swa', 1, 1e12, 10_000),
      positionScale: 1,
      factors: undefined,
    };
    let ropeOfSliding: RopeSpec | undefined;
    return {
      ...gemmaTraits(reader),
      norms: 'both',
      attentionScale: 1,
      hasValueNorm: true,
      experts: { isNormalised: true },
      logitSoftCap: softCap(reader, 'final_logit_softcapping', 0),
      headSizeOf: (layer) => (isSliding(layer) ? slidingHead : headSize),
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      sharesCacheOf: (layer) => (layer < own ? undefined : lastOfKind(layer, own, isSliding)),
      ropeOf: (layer, rope) => {
        ropeOfSliding ??= { ...rope, ...sliding };
        return isSliding(layer) ? ropeOfSliding : rope;
      },
    };
  });
}

/** Of normally distributed gates 5 % lie further above their mean than so many deviations. */
const SPARSE_CUTOFF = 1.6448533535003662;
/** So many layers are sparse; the first, and as many make keys and values, where files do not say it (as in llama.cpp). */
const SPARSE_LAYERS = 10;
const OWN_CACHES = 20;

/** Gemma 3n: several streams, a narrow branch beside attention, sparse gates at first, per-layer inputs, shared keys and values. */
export function gemma3nSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'gemma3n', (reader) => {
    const layers = layerCountOf(reader);
    const window = windowOf(reader);
    const isSliding = slidingLayers(reader, 5);
    const own = layers - reader.integer('attention.shared_kv_layers', 0, layers - 1, Math.max(0, layers - OWN_CACHES));
    const sliding = { base: reader.number('rope.freq_base_swa', 1, 1e12, 10_000), positionScale: 1 };
    let ropeOfSliding: RopeSpec | undefined;
    return {
      ...gemmaTraits(reader),
      norms: 'both',
      attentionScale: 1,
      hasValueNorm: true,
      cutoffOf: (layer) => (layer < SPARSE_LAYERS ? SPARSE_CUTOFF : undefined),
      logitSoftCap: softCap(reader, 'final_logit_softcapping', 30),
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      sharesCacheOf: (layer) => (layer < own ? undefined : lastOfKind(layer, own, isSliding)),
      ropeOf: (layer, rope) => {
        ropeOfSliding ??= { ...rope, ...sliding };
        return isSliding(layer) ? ropeOfSliding : rope;
      },
    };
  });
}

/** The last of the first `own` layers that slides, or not, as `layer` does. */
function lastOfKind(layer: number, own: number, isSliding: (layer: number) => boolean): number {
  for (let other = own - 1; other >= 0; other--) if (isSliding(other) === isSliding(layer)) return other;
  throw new SottoError('gguf-invalid', `Layer ${layer} has no layer of its kind to share keys and values with.`);
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
