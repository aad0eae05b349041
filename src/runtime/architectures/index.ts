export type {
  Activation,
  AttentionSpec,
  ConvolutionSpec,
  DecoderSpec,
  ExpertNormsSpec,
  ExpertsSpec,
  FeedForwardSpec,
  HeadNormSpec,
  LayerInputSpec,
  LayerInputsSpec,
  LayerSpec,
  LayerStreamsSpec,
  LowRankSpec,
  NormSpec,
  RecurrentSpec,
  RopeSpec,
  SelectionSpec,
  StreamsSpec,
  VectorSpec,
  WeightSpec,
  YarnSpec,
} from './decoder-spec.ts';
export { decoderSpecFromGguf } from './decoder-spec-from-gguf.ts';

export type { EncoderLayer, EncoderSpec } from './encoder-spec.ts';
export { encoderSpecFromGguf } from './encoder-spec-from-gguf.ts';

export { type LoraPair, loraFromGguf } from './lora-from-gguf.ts';

export {
  attentionsOf,
  recurrencesOf,
  ropeFactorsOf,
  ropesOf,
  weightsOf,
} from './spec-parts.ts';
