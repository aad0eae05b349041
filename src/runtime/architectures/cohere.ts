import type { GgufFile } from '../../formats/gguf/types.ts';
import type { DecoderSpec } from './decoder-spec.ts';
import { transformerSpec } from './transformer.ts';
import { slidingLayers, windowOf } from './windows.ts';

const COMMON = { rope: 'interleaved', norm: 'layer', isParallel: true } as const;

/** Command R: side by side behind one layer norm, logits scaled. */
export function commandRSpec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'command-r', (reader) => ({
    ...COMMON,
    logitScale: reader.number('logit_scale', 0, 1e3, 1) || 1,
  }));
}

/** Command R7B: three sliding layers that turn to one full layer that does not. */
export function cohere2Spec(gguf: GgufFile): DecoderSpec {
  return transformerSpec(gguf, 'cohere2', (reader) => {
    const window = windowOf(reader);
    const isSliding = slidingLayers(reader, 4);
    return {
      ...COMMON,
      logitScale: reader.number('logit_scale', 0, 1e3) || 1,
      windowOf: (layer) => (isSliding(layer) ? window : undefined),
      ropeOf: (layer, rope) => (isSliding(layer) ? rope : undefined),
    };
  });
}
