import { SottoError } from '../../shared/index.ts';
import type { AttentionSpec, DecoderSpec, FeedForwardSpec, LayerSpec, RopeSpec, WeightSpec } from './decoder-spec.ts';

/** All weights of a model in the order of its layers; the tied embedding once. */
export function weightsOf(spec: DecoderSpec): readonly WeightSpec[] {
  const tables = [spec.embedding, ...(spec.positionEmbedding === undefined ? [] : [spec.positionEmbedding])];
  return [...tables, ...spec.layers.flatMap(layerWeights), ...(spec.isTied ? [] : [spec.output])];
}

function layerWeights({ attention, feedForward }: LayerSpec): readonly WeightSpec[] {
  const ofAttention =
    attention.kind === 'convolution'
      ? [attention.input, attention.output]
      : [attention.query, attention.key, attention.value, attention.output];
  if (feedForward.kind === 'dense') return [...ofAttention, ...feedForwardWeights(feedForward)];
  const { router, experts, shared } = feedForward;
  const blocks = shared === undefined ? experts : [...experts, shared];
  return [...ofAttention, router, ...blocks.flatMap(feedForwardWeights)];
}

function feedForwardWeights({ gate, up, down }: FeedForwardSpec): readonly WeightSpec[] {
  return gate === undefined ? [up, down] : [gate, up, down];
}

/** The attentions of the layers that have one. */
export function attentionsOf(spec: DecoderSpec): readonly AttentionSpec[] {
  return spec.layers.map(({ attention }) => attention).filter((attention) => attention.kind === 'attention');
}

/** The different rotations of a model, each once: layers that turn alike share one object. */
export function ropesOf(spec: DecoderSpec): readonly RopeSpec[] {
  return [...new Set(attentionsOf(spec).flatMap(({ rope }) => (rope === undefined ? [] : [rope])))];
}

/** A layer of attention and one feed-forward block. */
export interface DenseLayerSpec extends LayerSpec {
  readonly attention: AttentionSpec;
  readonly feedForward: FeedForwardSpec;
}

/** A decoder of such layers only. */
export interface DenseDecoderSpec extends DecoderSpec {
  readonly layers: readonly DenseLayerSpec[];
}

/** The same spec for an engine that runs dense layers only; throws `model-unsupported` for others, naming the part. */
export function denseDecoderOf(spec: DecoderSpec, engine: string): DenseDecoderSpec {
  const layers = spec.layers.map((layer) => {
    const { attention, feedForward } = layer;
    if (attention.kind !== 'attention') throw refusal(spec, engine, 'its short convolutions');
    if (feedForward.kind !== 'dense') throw refusal(spec, engine, 'its mixture of experts');
    if ((attention.innerNorm ?? feedForward.innerNorm) !== undefined) {
      throw refusal(spec, engine, 'its norms inside the blocks');
    }
    return { ...layer, attention, feedForward };
  });
  return { ...spec, layers };
}

function refusal({ architecture }: DecoderSpec, engine: string, part: string): SottoError {
  const message = `This model is not supported on the ${engine}: ${architecture}, because of ${part}.`;
  return new SottoError('model-unsupported', message, { details: { architecture, part } });
}
