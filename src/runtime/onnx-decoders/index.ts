export { loadOnnxDecoder } from './load-onnx-decoder.ts';
