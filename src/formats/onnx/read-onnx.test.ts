import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SottoError } from '../../shared/index.ts';
import { checkExternalData, readOnnx } from './index.ts';
import { bytesField, externalTensor, graphOf, modelOf, nodeWith, number, text } from './testing/onnx-writer.ts';

const MODEL = fileURLToPath(
  new URL('../../../models/all-minilm-l6-v2-onnx/onnx/model_quantized.onnx', import.meta.url),
);

/** The code of what a function throws. */
function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return SottoError.isInstance(error) ? error.code : `not coded: ${error}`;
  }
  return 'nothing';
}

describe('readOnnx', () => {
  test('says of the embedded model what it computes with', () => {
    const model = readOnnx(readFileSync(MODEL));
    expect(model.inputs).toEqual(['input_ids', 'attention_mask', 'token_type_ids']);
    expect(model.nodes).toBeGreaterThan(100);
    expect(model.opsets.get('')).toBeGreaterThanOrEqual(11);
    expect(model.external).toEqual([]);
    // The published parameter count of MiniLM-L6 is 22.7 million.
    expect(model.parameters / 22.7e6).toBeCloseTo(1, 1);
  });

  test('finds outside data in initialisers, attributes and nested graphs alike', () => {
    const tensor = externalTensor('w', [4], { location: 'w.bin', offset: '0', length: '16' });
    const nested = nodeWith('If', bytesField(6, graphOf([], [tensor])));
    const constant = nodeWith('Constant', bytesField(5, tensor));
    const model = readOnnx(modelOf(graphOf([nested, constant], [tensor])));
    expect(model.external).toHaveLength(3);
    expect(model.operators).toEqual(new Set(['If', 'Constant']));
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'onnx-invalid'],
    ['an HTML page', new TextEncoder().encode('<!doctype html><title>Sign in</title>'), 'onnx-invalid'],
    ['a field of kind 7', Uint8Array.of(0x0f), 'onnx-invalid'],
    ['a length beyond the end', Uint8Array.of(0x3a, 0x7f, 1), 'onnx-truncated'],
    ['a number that does not end', new Uint8Array(12).fill(0xff), 'onnx-invalid'],
    ['no graph', Uint8Array.of(...number(1, 8)), 'onnx-invalid'],
    [
      'a tensor of more bytes than memory has',
      modelOf(graphOf([], [externalTensor('w', [2 ** 20, 2 ** 20], { location: 'w' })])),
      'onnx-limit',
    ],
    ['a name that is a book', modelOf(graphOf([bytesField(4, text('x'.repeat(5000)))], [])), 'onnx-limit'],
  ])('refuses %s', (_, bytes, code) => {
    expect(codeOf(() => readOnnx(bytes as Uint8Array))).toBe(code);
  });

  test('refuses graphs in graphs without end', () => {
    let graph = graphOf([], []);
    for (let depth = 0; depth < 40; depth++) graph = graphOf([nodeWith('If', bytesField(6, graph))], []);
    expect(codeOf(() => readOnnx(modelOf(graph)))).toBe('onnx-limit');
  });

  test('never fails without a code, whatever the bytes', () => {
    const valid = modelOf(graphOf([nodeWith('MatMul')], [externalTensor('w', [4], { location: 'w' })]));
    fc.assert(
      fc.property(fc.nat(valid.length), fc.uint8Array({ maxLength: 12 }), (cut, junk) => {
        const bytes = Uint8Array.of(...valid.subarray(0, cut), ...junk);
        const code = codeOf(() => readOnnx(bytes));
        return code === 'nothing' || code.startsWith('onnx-');
      }),
      { numRuns: 500 },
    );
  });
});

describe('checkExternalData', () => {
  const files = new Map([['weights.bin', 100]]);
  const check = (entries: Record<string, string>, dims = [4]) =>
    codeOf(() => checkExternalData(readOnnx(modelOf(graphOf([], [externalTensor('w', dims, entries)]))), files));

  test('lets a range pass that lies in a file of the model', () => {
    expect(check({ location: 'weights.bin', offset: '84', length: '16' })).toBe('nothing');
    expect(check({ location: './weights.bin' })).toBe('nothing');
  });

  test.each([
    ['a parent folder', { location: '../weights.bin' }],
    ['the root', { location: '/etc/passwd' }],
    ['a drive', { location: 'C:\\weights.bin' }],
    ['an address', { location: 'https://example.org/w' }],
    ['a parent in the middle', { location: 'a/../../weights.bin' }],
    ['a file that is not there', { location: 'other.bin' }],
    ['bytes behind the end', { location: 'weights.bin', offset: '90', length: '16' }],
    ['an offset that is no number', { location: 'weights.bin', offset: '-1' }],
    ['an offset that overflows', { location: 'weights.bin', offset: '9007199254740993' }],
    ['fewer bytes than the shape', { location: 'weights.bin', length: '8' }],
    ['no place at all', { offset: '0' }],
  ])('refuses %s', (_, entries) => {
    expect(check(entries as Record<string, string>)).toBe('onnx-invalid');
  });
});
