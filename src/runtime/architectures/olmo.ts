import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec, RopeSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';
import { layerCountOf, slidingLayers, windowOf } from './windows.ts';

/** OLMo 1: layer norms without weights. */
export function olmoSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'olmo', (reader) => {
    if (reader.number('attention.clamp_kqv', 0, 1e6, 0) !== 0) throw reader.refusal('clamped projections');
    return { rope: 'interleaved', norm: 'layer', norms: 'plain' };
  });
}

/** OLMo 2 and 3: norms after the blocks and over whole rows of queries and keys; sliding layers turn unstretched. */
export function olmo2Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'olmo2', (reader) => {
    const window = windowOf(reader);
    const isSliding = window === undefined ? () => false : slidingLayers(reader, 4);
    let ofSliding: RopeSpec | undefined;
    return {
      rope: 'halves',
      norms: 'after',
      headNorm: { over: 'row', isAfterRope: false },
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      ropeOf: (layer, rope) => {
        ofSliding ??= { ...rope, positionScale: 1, yarn: undefined, magnitude: 1 };
        return isSliding(layer) ? ofSliding : rope;
      },
    };
  });
}

/** EXAONE 4: norms after the blocks; where layers slide (32B), the full ones know no positions. */
export function exaone4Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'exaone4', (reader) => {
    const window = layerCountOf(reader) === 64 ? windowOf(reader, 4096) : undefined;
    const isSliding = window === undefined ? () => false : slidingLayers(reader, 4);
    return {
      rope: 'halves',
      norms: 'after',
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      ropeOf: (layer, rope) => (window === undefined || isSliding(layer) ? rope : undefined),
    };
  });
}
