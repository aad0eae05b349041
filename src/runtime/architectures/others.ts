import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec, RopeSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';
import { slidingLayers, windowOf } from './windows.ts';

/** Llama's blocks with split halves: EXAONE 3, OpenELM (whose layers differ in width) and others. */
export const splitHalvesSpec = (architecture: string) => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'halves' });

/** Hunyuan, dense or one that also sees: queries and keys are normed after they turned; NTK scaling is a larger base. */
export const hunyuanSpec = (architecture: 'hunyuan-dense' | 'hunyuan_vl') => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, (reader) => {
    const alpha = reader.number('rope.scaling.alpha', 0, 1e6, 0);
    let stretched: RopeSpec | undefined;
    return {
      rope: 'halves',
      headNorm: { over: 'head', isAfterRope: true },
      ropeOf: (_, rope) => {
        const { dimensions, base } = rope;
        stretched ??= alpha === 0 ? rope : { ...rope, base: base * alpha ** (dimensions / (dimensions - 2)) };
        return stretched;
      },
    };
  });

/** Maincoder: Llama with norms of queries and keys after they turned. */
export function maincoderSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'maincoder', { rope: 'interleaved', headNorm: { over: 'head', isAfterRope: true } });
}

/** PLaMo 3: norms around both blocks and of queries and keys; layers that slide turn by a base of their own. */
export function plamo3Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'plamo3', (reader) => {
    const window = windowOf(reader);
    const isSliding = window === undefined ? () => false : slidingLayers(reader, 8);
    const slidingBase = reader.number('rope.freq_base_swa', 1, 1e12, reader.number('rope.freq_base', 1, 1e12, 10_000));
    let ofSliding: RopeSpec | undefined;
    return {
      rope: 'halves',
      norms: 'both',
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      ropeOf: (layer, rope) => {
        ofSliding ??= { ...rope, base: slidingBase };
        return isSliding(layer) ? ofSliding : rope;
      },
    };
  });
}

/** Seed-OSS calls the norm before its feed-forward "post attention". */
export function seedOssSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'seed_oss', { rope: 'halves', names: { feedForwardNorm: 'post_attention_norm' } });
}

/** GLM-4 (0414): norms around both blocks, half of a head turns, gate and up fused. */
export function glm4Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'glm4', { rope: 'interleaved', norms: 'both' });
}

/** Orion: Llama with layer norms. */
export function orionSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'orion', { rope: 'halves', norm: 'layer' });
}
