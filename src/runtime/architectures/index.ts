export type {
  AttentionSpec,
  DecoderSpec,
  LayerSpec,
  RopeSpec,
  VectorSpec,
  WeightSpec,
} from './decoder-spec.ts';
export { decoderSpecFromGguf } from './decoder-spec-from-gguf.ts';
