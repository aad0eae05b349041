import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec, RopeSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';

/** Llama's blocks with split halves: EXAONE 3, OpenELM (whose layers differ in width) and others. */
export const splitHalvesSpec = (architecture: string) => (gguf: GgufFile) =>
  transformerSpec(gguf, architecture, { rope: 'halves' });

/** Hunyuan (dense): queries and keys are normed after they turned; NTK scaling is a larger base. */
export function hunyuanDenseSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'hunyuan-dense', (reader) => {
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
