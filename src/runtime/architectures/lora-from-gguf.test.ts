import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ArchitectureGoldens, buildGoldenModel } from '../backends/testing/golden-models.ts';
import { makeAdapter } from '../backends/testing/lora-adapters.ts';
import { loraFromGguf } from './index.ts';

const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;

it('refuses adapters of single experts and says what to do instead', () => {
  const model = buildGoldenModel(goldens.models.find(({ name }) => name === 'granitemoe')!, 'F32');
  const { gguf } = makeAdapter(model, 1);
  expect(loraFromGguf(gguf, model.spec).length).toBeGreaterThan(0);
  const name = 'blk.0.ffn_gate_exps.weight';
  const lora = (suffix: string, dimensions: number[]) =>
    [
      `${name}.lora_${suffix}`,
      { name: `${name}.lora_${suffix}`, type: 'F32', dimensions, offset: 0, byteLength: 0 },
    ] as const;
  const tensors = new Map([...gguf.tensors, lora('a', [64, 6, 8]), lora('b', [6, 32, 8])]);
  expect(() => loraFromGguf({ ...gguf, tensors }, model.spec)).toThrow(
    expect.objectContaining({
      code: 'model-unsupported',
      message: expect.stringMatching(/single experts \(blk\.0\.ffn_gate_exps\.weight\).*merge it into the model/),
    }),
  );
});

it('adapts the output alone where it is tied to the embedding, and the rows of an embedding', () => {
  const model = buildGoldenModel(goldens.models.find(({ name }) => name === 'llama')!, 'F32');
  const { spec } = model;
  const adapter = makeAdapter(model, 1, {}, true);
  const rows = loraFromGguf(adapter.gguf, spec).filter(({ adds }) => adds === 'to rows');
  expect(rows).toMatchObject([{ weight: spec.embedding, a: { rows: 96, columns: 6 }, b: { rows: 64, columns: 6 } }]);
  const lora = (name: string, dimensions: number[]) =>
    [name, { name, type: 'F32', dimensions, offset: 0, byteLength: 0 }] as const;
  const { metadata } = adapter.gguf;
  const pairsOf = (a: number[], b: number[], target = 'output') => {
    const tensors = new Map([lora(`${target}.weight.lora_a`, a), lora(`${target}.weight.lora_b`, b)]);
    return loraFromGguf({ ...adapter.gguf, metadata, tensors }, spec);
  };
  expect(pairsOf([64, 6], [6, 96])).toMatchObject([{ adds: 'to products', weight: spec.output, a: { rows: 6 } }]);
  // The table of an embedding lies the other way round.
  expect(() => pairsOf([64, 6], [6, 96], 'token_embd')).toThrow(expect.objectContaining({ code: 'gguf-invalid' }));
});

it('passes over norms that were trained along, and refuses other parts by name', () => {
  const model = buildGoldenModel(goldens.models.find(({ name }) => name === 'llama')!, 'F32');
  const { gguf } = makeAdapter(model, 1);
  const pairs = loraFromGguf(gguf, model.spec).length;
  const withPart = (name: string) => {
    const part = { name, type: 'F32', dimensions: [64], offset: 0, byteLength: 256 } as const;
    return () => loraFromGguf({ ...gguf, tensors: new Map([...gguf.tensors, [name, part]]) }, model.spec).length;
  };
  expect(withPart('blk.0.attn_norm.weight')()).toBe(pairs);
  expect(withPart('blk.0.attn_q.bias')).toThrow(
    expect.objectContaining({ code: 'model-unsupported', message: expect.stringMatching('blk.0.attn_q.bias') }),
  );
});
