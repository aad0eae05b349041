import { SottoError } from '../../../shared/index.ts';
import type { DecoderSpec } from '../../architectures/index.ts';

/** Throws `model-unsupported` for what a spec can say and the kernels cannot do yet, naming the part. */
export function refuseMissingParts({ architecture, layerInputs, layers }: DecoderSpec): void {
  const refuse = (part: string) => {
    const message = `This model is not supported on the GPU: ${architecture}, because of ${part}.`;
    throw new SottoError('model-unsupported', message, { details: { architecture, part } });
  };
  if (layerInputs !== undefined) refuse('its per-layer embeddings');
  for (const { attention, outputScale } of layers) {
    if (outputScale !== undefined) refuse('its scaled layers');
    if (attention.kind === 'attention' && (attention.isValueNormed || attention.sharesCacheOf !== undefined)) {
      refuse('its normed or shared values');
    }
  }
}
