import { SottoError } from '../../shared/index.ts';
import type {
  AttentionSpec,
  DecoderSpec,
  FeedForwardSpec,
  LayerSpec,
  RecurrentSpec,
  RopeSpec,
  WeightSpec,
} from './decoder-spec.ts';

/** All weights of a model in the order of its layers; the tied embedding once. */
export function weightsOf(spec: DecoderSpec): readonly WeightSpec[] {
  const tables = [spec.embedding, ...(spec.positionEmbedding === undefined ? [] : [spec.positionEmbedding])];
  return [...tables, ...spec.layers.flatMap(layerWeights), ...(spec.isTied ? [] : [spec.output])];
}

function layerWeights({ attention, besideAttention, feedForward }: LayerSpec): readonly WeightSpec[] {
  const mixers = [attention, ...(besideAttention === undefined ? [] : [besideAttention])].flatMap(mixerWeights);
  if (feedForward.kind === 'dense') return [...mixers, ...feedForwardWeights(feedForward)];
  const { router, experts, shared } = feedForward;
  const blocks = shared === undefined ? experts : [...experts, shared];
  return [...mixers, router, ...blocks.flatMap(feedForwardWeights)];
}

function mixerWeights(mixer: LayerSpec['attention']): readonly WeightSpec[] {
  if (mixer.kind === 'convolution') return [mixer.input, mixer.output];
  if (mixer.kind === 'recurrent') {
    const { channels, gate, steps, strengths, output } = mixer;
    return [channels, gate, steps, ...(strengths === undefined ? [] : [strengths]), output];
  }
  const { query, key, value, outputGate, output } = mixer;
  return [query, key, value, ...(outputGate === undefined ? [] : [outputGate]), output];
}

function feedForwardWeights({ gate, up, down }: FeedForwardSpec): readonly WeightSpec[] {
  return gate === undefined ? [up, down] : [gate, up, down];
}

/** The attentions of the layers that have one. */
export function attentionsOf(spec: DecoderSpec): readonly AttentionSpec[] {
  return spec.layers.map(({ attention }) => attention).filter((attention) => attention.kind === 'attention');
}

/** The states that the layers carry, in their order. */
export function recurrencesOf(spec: DecoderSpec): readonly RecurrentSpec[] {
  const mixers = spec.layers.flatMap(({ attention, besideAttention }) => [attention, besideAttention]);
  return mixers.filter((mixer) => mixer?.kind === 'recurrent');
}

/** The different rotations of a model, each once: layers that turn alike share one object. */
export function ropesOf(spec: DecoderSpec): readonly RopeSpec[] {
  return [...new Set(attentionsOf(spec).flatMap(({ rope }) => (rope === undefined ? [] : [rope])))];
}

/** A layer of one feed-forward block, whatever stands before it. */
export interface DenseLayerSpec extends LayerSpec {
  readonly feedForward: FeedForwardSpec;
}

/** A decoder of such layers only. */
export interface DenseDecoderSpec extends DecoderSpec {
  readonly layers: readonly DenseLayerSpec[];
}

/** The same spec for an engine that runs dense layers only; throws `model-unsupported` for others, naming the part. */
export function denseDecoderOf(spec: DecoderSpec, engine: string): DenseDecoderSpec {
  const layers = spec.layers.map((layer) => {
    const { feedForward } = layer;
    if (feedForward.kind !== 'dense') throw refusal(spec, engine, 'its mixture of experts');
    return { ...layer, feedForward };
  });
  return { ...spec, layers };
}

function refusal({ architecture }: DecoderSpec, engine: string, part: string): SottoError {
  const message = `This model is not supported on the ${engine}: ${architecture}, because of ${part}.`;
  return new SottoError('model-unsupported', message, { details: { architecture, part } });
}
