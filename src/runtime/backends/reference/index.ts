export { dequantise } from '../blocks/index.ts';
export {
  activate,
  activateTimes,
  attention,
  hadamard,
  layerNorm,
  matrixVector,
  quantiseActivations,
  quantiseEightBit,
  rmsNorm,
  rope,
  silu,
} from './operations.ts';
export { ScalarDecoder } from './scalar-decoder.ts';
