import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import type { ModelReader } from './model-reader.ts';
import { type Traits, transformerSpec } from './transformer.ts';
import { layerCountOf, slidingLayers, windowOf } from './windows.ts';

/** 0 is how files say "none". */
function scaleOf(reader: ModelReader, key: string, fallback: number): number {
  const scale = reader.number(key, 0, 1e6, fallback);
  return scale === 0 ? 1 : scale;
}

function scaledTraits(reader: ModelReader, defaults: { embedding: number; residual: number; logit?: number }): Traits {
  const attention = reader.number('attention.scale', 0, 1e6, 0);
  return {
    rope: 'interleaved',
    embeddingScale: scaleOf(reader, 'embedding_scale', defaults.embedding),
    residualScale: scaleOf(reader, 'residual_scale', defaults.residual),
    // Logits are divided by the file's number.
    logitScale: 1 / scaleOf(reader, 'logit_scale', defaults.logit ?? 0),
    attentionScale: attention === 0 ? undefined : attention,
  };
}

/** Granite 3 and 4: Llama with factors on embedding, residual stream, attention and logits; with experts or without. */
export const graniteSpec = (architecture: string) => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, graniteTraits);

/** Granite whose layers slide, and turn, or do neither, as the file says; with sinks. */
export function graniteSwaSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'granite_swa', (reader) => {
    const window = windowOf(reader);
    const isSliding = slidingLayers(reader, 1);
    const turns = reader.flags('attention.rope_pattern', layerCountOf(reader));
    return {
      ...graniteTraits(reader),
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      ropeOf: (layer, rope) => ((turns?.[layer] ?? true) ? rope : undefined),
    };
  });
}

export function graniteTraits(reader: ModelReader): Traits {
  const turns = reader.flag('rope.scaling.finetuned', true);
  return {
    ...scaledTraits(reader, { embedding: 0, residual: 0 }),
    ropeOf: (_, rope) => (turns ? rope : undefined),
    experts: { isNormalised: true },
  };
}

/** MiniCPM 1 and 2: the same factors; its first files lacked them. */
export function minicpmSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'minicpm', (reader) =>
    scaledTraits(reader, {
      embedding: 12,
      residual: 1.4 / Math.sqrt(layerCountOf(reader)),
      logit: 256 / reader.integer('embedding_length', 1, 2 ** 16),
    }),
  );
}
