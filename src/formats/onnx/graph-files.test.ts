import { expect, test } from 'vitest';
import { chooseGraphFiles, onnxPath } from './graph-files.ts';

test('of each graph one precision is taken, and a merged decoder instead of its halves', () => {
  const paths = [
    'config.json',
    'onnx/decoder_model.onnx',
    'onnx/decoder_model_merged_q4.onnx',
    'onnx/decoder_model_merged_fp16.onnx',
    'onnx/decoder_with_past_model.onnx',
    'onnx/encoder_model.onnx',
    'onnx/encoder_model_quantized.onnx',
    'onnx/deeper/model.onnx',
  ];
  expect(chooseGraphFiles(paths)).toEqual([
    { graph: 'decoder_model_merged', path: 'onnx/decoder_model_merged_q4.onnx', precision: 'q4' },
    { graph: 'encoder_model', path: 'onnx/encoder_model_quantized.onnx', precision: 'q8' },
  ]);
});

test.each([
  ['model.onnx', 'onnx/model.onnx'],
  ['model_q4.onnx_data', 'onnx/model_q4.onnx_data'],
  ['model.onnx_data_1', 'onnx/model.onnx_data_1'],
  ['onnx/model.onnx', 'onnx/model.onnx'],
  ['config.json', 'config.json'],
])('%s belongs at %s', (given, place) => {
  expect(onnxPath(given)).toBe(place);
});
