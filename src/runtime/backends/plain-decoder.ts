import { SottoError } from '../../shared/index.ts';
import type {
  AttentionSpec,
  DecoderSpec,
  LayerSpec,
  RopeSpec,
  VectorSpec,
  WeightSpec,
} from '../architectures/index.ts';

/** What both engines run so far: RMS norms before each block, one attention for all layers, a gated SiLU. */
export interface PlainDecoder {
  readonly hiddenSize: number;
  readonly feedForwardSize: number;
  readonly vocabularySize: number;
  readonly norm: { readonly epsilon: number };
  readonly attention: Pick<AttentionSpec, 'heads' | 'keyValueHeads' | 'headSize' | 'scale'>;
  readonly rope: RopeSpec;
  readonly embeddingScale: number;
  readonly residualScale: number;
  readonly logitScale: number;
  readonly embedding: WeightSpec;
  readonly layers: readonly PlainLayer[];
  readonly finalNorm: VectorSpec;
  readonly output: WeightSpec;
  readonly isTied: boolean;
}

export interface PlainLayer {
  readonly attentionNorm: VectorSpec;
  readonly query: WeightSpec;
  readonly key: WeightSpec;
  readonly value: WeightSpec;
  readonly attentionOutput: WeightSpec;
  readonly feedForwardNorm: VectorSpec;
  readonly gate: WeightSpec;
  readonly up: WeightSpec;
  readonly down: WeightSpec;
}

/** Throws `model-unsupported`, naming the part, for a spec that is more than the kernels run. */
export function plainDecoder(spec: DecoderSpec, engine: 'CPU' | 'GPU'): PlainDecoder {
  const { attention, feedForward } = spec.layers[0]!;
  const missing = missingPart(spec);
  if (missing !== undefined) {
    const message = `This model is not supported on the ${engine}: ${spec.architecture}, because of ${missing}.`;
    throw new SottoError('model-unsupported', message, {
      details: { architecture: spec.architecture, part: missing },
    });
  }
  return {
    ...spec,
    feedForwardSize: feedForward.size,
    attention,
    rope: attention.rope!,
    layers: spec.layers.map((layer) => ({
      attentionNorm: layer.attentionNorm!.weight!,
      query: layer.attention.query,
      key: layer.attention.key,
      value: layer.attention.value,
      attentionOutput: layer.attention.output,
      feedForwardNorm: layer.feedForwardNorm!.weight!,
      gate: layer.feedForward.gate!,
      up: layer.feedForward.up,
      down: layer.feedForward.down,
    })),
    finalNorm: spec.finalNorm.weight!,
  };
}

function missingPart(spec: DecoderSpec): string | undefined {
  if (spec.norm.kind !== 'rms') return 'its layer norms';
  if (spec.isParallel) return 'its parallel blocks';
  if (spec.positionEmbedding !== undefined) return 'its position embedding';
  if (spec.logitSoftCap !== undefined) return 'its soft-capped logits';
  if (spec.output.bias !== undefined) return 'the bias of its output';
  const first = spec.layers[0]!.attention;
  for (const layer of spec.layers) {
    const part = missingInLayer(layer) ?? unlikeFirst(layer.attention, first);
    if (part !== undefined) return part;
    if (layer.feedForward.size !== spec.layers[0]!.feedForward.size) return 'layers of different width';
  }
  return undefined;
}

function missingInLayer({ attention, feedForward, ...norms }: LayerSpec): string | undefined {
  const { query, key, value, output, rope } = attention;
  if (norms.attentionPostNorm !== undefined || norms.feedForwardPostNorm !== undefined) return 'norms after its blocks';
  if (norms.attentionNorm?.weight === undefined || norms.feedForwardNorm?.weight === undefined) {
    return 'norms without weights';
  }
  if (attention.queryNorm !== undefined || attention.keyNorm !== undefined) return 'norms of queries and keys';
  if (attention.window !== undefined) return 'its sliding window';
  if (attention.softCap !== undefined) return 'soft-capped attention';
  if (rope === undefined) return 'layers without rope';
  if (rope.yarn !== undefined || rope.longFactors !== undefined || rope.magnitude !== 1) return 'its rope scaling';
  if (feedForward.gate === undefined || feedForward.activation !== 'silu') return 'its activation';
  const weights = [query, key, value, output, feedForward.gate, feedForward.up, feedForward.down];
  return weights.some(({ bias }) => bias !== undefined) ? 'its biases' : undefined;
}

function unlikeFirst(attention: AttentionSpec, first: AttentionSpec): string | undefined {
  const keys = ['heads', 'keyValueHeads', 'headSize', 'scale', 'rope'] as const;
  return keys.some((key) => attention[key] !== first[key]) ? 'layers whose attention differs' : undefined;
}
