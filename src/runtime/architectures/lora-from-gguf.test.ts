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
