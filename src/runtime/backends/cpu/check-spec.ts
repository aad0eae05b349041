import { SottoError } from '../../../shared/index.ts';
import { type DecoderSpec, weightsOf } from '../../architectures/index.ts';
import { plainDecoder } from '../plain-decoder.ts';
import { kernelTypeOf, supportedTypes } from './kernel-types.ts';

function refuse(message: string, details: Record<string, string | number>): never {
  throw new SottoError('model-unsupported', message, { details });
}

/** Throws `model-unsupported` for what the kernels cannot compute: a block type, or a width that is not whole blocks. */
export function checkSpec(of: DecoderSpec): void {
  const spec = plainDecoder(of, 'CPU');
  for (const weight of weightsOf(of)) {
    if (kernelTypeOf(weight.type) === undefined) {
      refuse(`${weight.name} is stored as ${weight.type}; the CPU engine runs ${supportedTypes()}.`, {
        tensor: weight.name,
        type: weight.type,
      });
    }
  }
  const { heads, headSize } = spec.attention;
  const widths = { hiddenSize: spec.hiddenSize, feedForwardSize: spec.feedForwardSize, attention: heads * headSize };
  for (const [name, width] of Object.entries(widths)) {
    if (width % 32 !== 0) refuse(`${name} is ${width}; the CPU engine needs a multiple of 32.`, { [name]: width });
  }
  if (headSize % 8 !== 0) refuse(`Heads of ${headSize} values are not a multiple of 8.`, { headSize });
  if (spec.rope.dimensions % 8 !== 0) {
    refuse(`Rope over ${spec.rope.dimensions} dimensions is not a multiple of 8.`, {
      dimensions: spec.rope.dimensions,
    });
  }
}
