import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DecoderBackend } from '../decoder-backend.ts';
import { type ArchitectureGoldens, buildGoldenModel } from '../testing/golden-models.ts';
import { CACHE_KINDS, cacheBytesPerToken, cacheKindFor } from './cache-kind.ts';
import { compareWithGolden } from './testing/logits-golden.ts';
import { openEmbeddedModel, readLogitsGolden } from './testing/node-model.ts';

const golden = readLogitsGolden();
const text = golden.tokens;

const logitsOf = async (backend: DecoderBackend, tokens: readonly number[]) => (await backend.forward(tokens)).slice();

describe.each(CACHE_KINDS)('a KV cache of %s', (cacheKind) => {
  it('gives the same logits in one prefill, token by token and from copied pages', { timeout: 120_000 }, async () => {
    const backend = await openEmbeddedModel({ cacheKind, contextLength: 256 });
    const together = await logitsOf(backend, text.slice(0, 140));
    const pages = backend.pages!;
    const copies = await pages.read(0, 3);
    backend.truncate(120);
    let last = new Float32Array();
    for (const id of text.slice(120, 140)) last = await logitsOf(backend, [id]);
    expect(last).toEqual(together);
    backend.truncate(0);
    await pages.write(0, copies, text.slice(0, 139));
    expect(await logitsOf(backend, [text[139]!])).toEqual(together);
    expect(pages.format).toContain(` ${cacheKind} `);
    backend.dispose();
  });

  // Measured over 2,400 positions: KL 0.00049, 3e-7 and 4e-8, top-1 0.982, 1 and 1.
  it('agrees with exact arithmetic', { timeout: 120_000 }, async () => {
    const backend = await openEmbeddedModel({ cacheKind, contextLength: 640 });
    const { top1, kl } = await compareWithGolden(backend, golden, 1);
    expect(top1).toBeGreaterThanOrEqual(cacheKind === 'int8' ? 0.96 : 0.998);
    expect(kl).toBeLessThanOrEqual(cacheKind === 'int8' ? 0.0005 : 1e-5);
    backend.dispose();
  });
});

it('takes as many bytes a token as it says', () => {
  const attention = { kind: 'attention', keyValueHeads: 3, headSize: 64 } as const;
  const spec = { layers: Array.from({ length: 30 }, () => ({ attention })) } as never;
  expect(CACHE_KINDS.map((kind) => cacheBytesPerToken(spec, kind))).toEqual([12_240, 23_040, 46_080]);
});

describe('where nobody says', () => {
  const goldens = JSON.parse(readFileSync('scripts/goldens/architectures.json', 'utf8')) as ArchitectureGoldens;
  /** A golden model with heads, and so a cache, so many times as many, and an embedding so many times as long. */
  const usual = (name: string, type: 'F16' | 'BF16' | 'F32' | 'Q8_0' | 'Q4_1', heads = 1, rows = 1) => {
    const { spec } = buildGoldenModel(goldens.models.find((model) => model.name === name)!, type);
    const layers = spec.layers.map((layer) => {
      const { attention } = layer;
      if (attention.kind !== 'attention') return layer;
      return { ...layer, attention: { ...attention, keyValueHeads: attention.keyValueHeads * heads } };
    });
    return cacheKindFor({ ...spec, layers, embedding: { ...spec.embedding, rows: spec.embedding.rows * rows } });
  };

  it('it is half floats beside weights that are floats, and where nothing scales scores down', () => {
    expect((['F32', 'F16', 'BF16'] as const).map((type) => usual('llama', type, 100))).toEqual(['f16', 'f16', 'f16']);
    expect((['Q8_0', 'Q4_1'] as const).map((type) => usual('llama', type, 100))).toEqual(['int8', 'int8']);
    expect(usual('gemma4 (dense, keys as values)', 'Q4_1', 100)).toBe('f16');
  });

  it('it is half floats where they are few, or few beside the weights', () => {
    expect(usual('llama', 'Q8_0')).toBe('f16');
    const besides = (name: string) => [1, 7_500, 15_000, 25_000].map((rows) => usual(name, 'Q8_0', 100, rows));
    expect(besides('llama')).toEqual(['int8', 'int8', 'int8', 'f16']);
    expect(besides('qwen2')).toEqual(['int8', 'int8', 'f16', 'f16']);
    expect([20_000, 30_000].map((rows) => usual('qwen3', 'Q8_0', 100, rows))).toEqual(['int8', 'f16']);
  });
});
