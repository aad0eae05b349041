import type { Activation, HeadNormSpec } from '../../architectures/index.ts';
import type { LayerPlace } from './layer-place.ts';
import type { MatrixPlace } from './places.ts';
import * as fields from './plan-fields.ts';

const ACTIVATIONS: Readonly<Record<Activation, number>> = {
  silu: fields.ACTIVATION_SILU,
  gelu: fields.ACTIVATION_GELU,
  relu: fields.ACTIVATION_RELU,
  'relu-squared': fields.ACTIVATION_RELU_SQUARED,
};

/** More than any position: a window that hides nothing. */
const NO_WINDOW = 2 ** 31 - 1;

/** Writes the record of one layer. */
export function writeLayer(
  view: DataView,
  address: number,
  layer: LayerPlace,
  writeMatrix: (view: DataView, address: number, matrix: MatrixPlace) => void,
): void {
  const integer = (offset: number, value: number) => view.setUint32(address + offset, value, true);
  const float = (offset: number, value: number) => view.setFloat32(address + offset, value, true);
  const { attention, feedForward } = layer.spec;

  integer(fields.LAYER_ATTENTION_NORM, layer.attentionNorm.weight);
  integer(fields.LAYER_ATTENTION_NORM_BIAS, layer.attentionNorm.bias);
  integer(fields.LAYER_ATTENTION_POST_NORM, layer.attentionPostNorm.weight);
  integer(fields.LAYER_FEED_FORWARD_NORM, layer.feedForwardNorm.weight);
  integer(fields.LAYER_FEED_FORWARD_NORM_BIAS, layer.feedForwardNorm.bias);
  integer(fields.LAYER_FEED_FORWARD_POST_NORM, layer.feedForwardPostNorm.weight);
  integer(fields.LAYER_QUERY_NORM, layer.queryNorm);
  integer(fields.LAYER_KEY_NORM, layer.keyNorm);
  integer(fields.LAYER_HEAD_NORM, headNormKind(attention.queryNorm ?? attention.keyNorm, attention.headSize));
  integer(fields.LAYER_NORM_AFTER_ROPE, (attention.queryNorm ?? attention.keyNorm)?.isAfterRope ? 1 : 0);

  integer(fields.LAYER_ROPE, layer.rope);
  integer(fields.LAYER_ROPE_DIMENSIONS, attention.rope?.dimensions ?? 0);
  integer(fields.LAYER_ROPE_INTERLEAVED, attention.rope?.kind === 'interleaved' ? 1 : 0);
  integer(fields.LAYER_WINDOW, attention.window ?? NO_WINDOW);
  float(fields.LAYER_SOFT_CAP, attention.softCap ?? 0);
  float(fields.LAYER_ATTENTION_SCALE, attention.scale);
  integer(fields.LAYER_HEADS, attention.heads);
  integer(fields.LAYER_KV_HEADS, attention.keyValueHeads);
  integer(fields.LAYER_HEAD_SIZE, attention.headSize);
  integer(fields.LAYER_FEED_FORWARD, feedForward.size);
  integer(fields.LAYER_ACTIVATION, ACTIVATIONS[feedForward.activation]);

  integer(fields.LAYER_KEYS, layer.keys);
  integer(fields.LAYER_VALUES, layer.values);
  integer(fields.LAYER_KEY_SCALES, layer.keyScales);
  integer(fields.LAYER_VALUE_SCALES, layer.valueScales);
  for (const [index, matrix] of layer.matrices.entries()) {
    if (matrix === undefined) continue;
    writeMatrix(view, address + fields.LAYER_QUERY_MATRIX + index * fields.MATRIX_BYTES, matrix);
  }
}

function headNormKind(norm: HeadNormSpec | undefined, headSize: number): number {
  if (norm === undefined) return fields.HEAD_NORM_NONE;
  if (norm.over === 'row') return fields.HEAD_NORM_ROW;
  return norm.weight.size === headSize ? fields.HEAD_NORM_SHARED : fields.HEAD_NORM_EACH;
}
