import { SottoError } from '../../../shared/index.ts';
import { type DecoderSpec, type LayerSpec, recurrencesOf, weightsOf } from '../../architectures/index.ts';
import { kernelTypeOf, supportedTypes } from './kernel-types.ts';

function refuse(message: string, details: Record<string, string | number>): never {
  throw new SottoError('model-unsupported', message, { details });
}

/** Throws `model-unsupported` for what the kernels cannot compute: a block type, or a width that is not whole blocks. */
export function checkSpec(spec: DecoderSpec): void {
  for (const weight of weightsOf(spec)) {
    if (kernelTypeOf(weight.type) === undefined) {
      refuse(`${weight.name} is stored as ${weight.type}; the CPU engine runs ${supportedTypes()}.`, {
        tensor: weight.name,
        type: weight.type,
      });
    }
  }
  checkWidth('hiddenSize', spec.hiddenSize);
  if (spec.layerInputs !== undefined) checkWidth('layerInputs', spec.layerInputs.size);
  for (const { lowRank } of spec.layers) if (lowRank !== undefined) checkWidth('lowRank', lowRank.down.rows);
  for (const { heads, headSize } of recurrencesOf(spec)) checkWidth('recurrent', heads * headSize);
  for (const layer of spec.layers) {
    checkLayer(layer);
    if (spec.isParallel && !isPlainParallel(layer)) {
      refuse('Parallel blocks of this kind do not run here.', { architecture: spec.architecture });
    }
  }
}

/** Attention and a dense block, nothing normed afterwards. */
function isPlainParallel(layer: LayerSpec): boolean {
  const { attention, feedForward, besideAttention, attentionPostNorm, feedForwardPostNorm } = layer;
  const hasPostNorm = (attentionPostNorm ?? feedForwardPostNorm ?? besideAttention) !== undefined;
  return attention.kind === 'attention' && feedForward?.kind === 'dense' && !hasPostNorm;
}

function checkLayer({ attention, besideAttention, feedForward, ...norms }: LayerSpec): void {
  if (attention.kind === 'attention') {
    const { heads, headSize } = attention;
    checkWidth('attention', heads * headSize);
    if (headSize % 8 !== 0) refuse(`Heads of ${headSize} values are not a multiple of 8.`, { headSize });
  }
  const blocks = feedForward?.kind === 'experts' ? [feedForward.shared, ...feedForward.experts] : [feedForward];
  for (const block of blocks) if (block !== undefined) checkWidth('feedForwardSize', block.size);
  if (feedForward?.kind === 'experts') {
    const { norms: own, shared } = feedForward;
    if ((own === undefined) !== (norms.feedForwardPostNorm === undefined)) {
      refuse('Experts with some of their norms only do not run here.', {});
    }
    if (own !== undefined && shared === undefined)
      refuse('Norms of experts without a shared block do not run here.', {});
  }
  if (norms.lowRank !== undefined && norms.attentionPostNorm === undefined) {
    refuse('A branch beside attention without a norm after it does not run here.', {});
  }
  if ((norms.streams === undefined) !== (norms.lowRank === undefined)) {
    refuse('Several streams without a branch beside attention, or the other way round, do not run here.', {});
  }
  if (norms.streams !== undefined && (feedForward?.kind !== 'dense' || norms.layerInput === undefined)) {
    refuse('Several streams without inputs of layers, or with experts, do not run here.', {});
  }
  if (besideAttention !== undefined && norms.attentionPostNorm !== undefined) {
    refuse('Norms after a state beside attention do not run here.', {});
  }
  if (norms.outputScale !== undefined && (norms.layerInput ?? norms.feedForwardPostNorm) === undefined) {
    refuse('Scaled layers without a norm at their end do not run here.', {});
  }
  if ((norms.attentionPostNorm?.bias ?? norms.feedForwardPostNorm?.bias) !== undefined) {
    refuse('Biases of norms after a block do not run here.', {});
  }
}

function checkWidth(name: string, width: number): void {
  if (width % 32 !== 0) refuse(`${name} is ${width}; the CPU engine needs a multiple of 32.`, { [name]: width });
}
