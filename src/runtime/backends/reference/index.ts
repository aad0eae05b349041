export { dequantise } from './block-formats.ts';
export {
  attention,
  matrixVector,
  quantiseActivations,
  quantiseEightBit,
  rmsNorm,
  rope,
  silu,
} from './operations.ts';
export { ScalarDecoder } from './scalar-decoder.ts';
