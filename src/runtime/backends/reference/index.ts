export { dequantise } from '../blocks/index.ts';
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
