import { openAsBlob } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readGguf } from '../../formats/gguf/index.ts';
import type { GgmlTypeName, GgufFile, GgufTensor, GgufValue } from '../../formats/gguf/types.ts';
import { BlobByteSource, SottoError } from '../../shared/index.ts';
import { decoderSpecFromGguf } from './decoder-spec-from-gguf.ts';
import { ropesOf } from './spec-parts.ts';

const MODEL = 'models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';

function tensor(name: string, dimensions: number[], type: GgmlTypeName = 'F32'): [string, GgufTensor] {
  return [name, { name, type, dimensions, offset: 0, byteLength: 0 }];
}

/** A header of one small layer: hidden 64, feed-forward 96, 4 heads sharing 2, vocabulary 50. */
function header(
  metadata: Readonly<Record<string, GgufValue | undefined>> = {},
  tensors: readonly [string, GgufTensor | undefined][] = [],
): GgufFile {
  const values: Record<string, GgufValue | undefined> = {
    'general.architecture': 'llama',
    'llama.block_count': 1,
    'llama.context_length': 512,
    'llama.embedding_length': 64,
    'llama.feed_forward_length': 96,
    'llama.attention.head_count': 4,
    'llama.attention.head_count_kv': 2,
    'llama.attention.layer_norm_rms_epsilon': 1e-5,
    ...metadata,
  };
  const table = new Map<string, GgufTensor>([
    tensor('token_embd.weight', [64, 50], 'Q8_0'),
    tensor('blk.0.attn_norm.weight', [64]),
    tensor('blk.0.attn_q.weight', [64, 64], 'Q4_1'),
    tensor('blk.0.attn_k.weight', [64, 32], 'Q4_1'),
    tensor('blk.0.attn_v.weight', [64, 32], 'Q4_1'),
    tensor('blk.0.attn_output.weight', [64, 64], 'Q4_1'),
    tensor('blk.0.ffn_norm.weight', [64]),
    tensor('blk.0.ffn_gate.weight', [64, 96], 'Q4_1'),
    tensor('blk.0.ffn_up.weight', [64, 96], 'Q4_1'),
    tensor('blk.0.ffn_down.weight', [96, 64], 'Q4_1'),
    tensor('output_norm.weight', [64]),
  ]);
  for (const [name, replacement] of tensors) {
    if (replacement === undefined) table.delete(name);
    else table.set(name, replacement);
  }
  const entries = Object.entries(values).filter((entry): entry is [string, GgufValue] => entry[1] !== undefined);
  return { version: 3, metadata: new Map(entries), tensors: table, dataOffset: 0, alignment: 32 };
}

function refusal(file: GgufFile): { code: string; message: string } {
  try {
    decoderSpecFromGguf(file);
  } catch (error) {
    if (SottoError.isInstance(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('The header was accepted.');
}

describe('decoderSpecFromGguf', () => {
  it('reads the embedded model', async () => {
    const spec = decoderSpecFromGguf(await readGguf(new BlobByteSource(await openAsBlob(MODEL))));
    expect(spec).toMatchObject({
      architecture: 'llama',
      hiddenSize: 576,
      vocabularySize: 49152,
      contextLength: 8192,
      isTied: true,
    });
    expect(spec.layers).toHaveLength(30);
    expect(spec.layers[29]).toMatchObject({
      attention: {
        heads: 9,
        keyValueHeads: 3,
        headSize: 64,
        scale: 0.125,
        window: undefined,
        rope: { kind: 'interleaved', dimensions: 64, base: 100_000, positionScale: 1, factors: undefined },
      },
      feedForward: {
        size: 1536,
        activation: 'silu',
        down: { name: 'blk.29.ffn_down.weight', type: 'Q4_1', rows: 576, columns: 1536, firstRow: 0, bias: undefined },
      },
    });
    expect(spec.output).toBe(spec.embedding);
  });

  it('reads a model with its own output projection, linear scaling and rope factors', () => {
    const spec = decoderSpecFromGguf(
      header({ 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 4 }, [
        tensor('output.weight', [64, 50], 'Q8_0'),
        tensor('rope_freqs.weight', [8]),
      ]),
    );
    expect(spec.isTied).toBe(false);
    expect(spec.output.name).toBe('output.weight');
    expect(ropesOf(spec)[0]).toMatchObject({
      dimensions: 16,
      positionScale: 4,
      factors: { name: 'rope_freqs.weight', size: 8 },
    });
  });

  it('leaves out parts that text does not need, and says so', () => {
    const names = ['v.blk.0.attn_q.weight', 'mm.0.weight', 'a.conv1d.0.weight', 'blk.1.nextn.eh_proj.weight'];
    const tensors = names.map((name) => tensor(name, [64, 64]));
    const { leftOut, layers } = decoderSpecFromGguf(
      header({ 'llama.block_count': 2, 'llama.nextn_predict_layers': 1 }, tensors),
    );
    expect(leftOut).toEqual(['its layers that draft tokens', 'its part for images', 'its part for sound']);
    expect(layers).toHaveLength(1);
    expect(decoderSpecFromGguf(header({})).leftOut).toEqual([]);
  });

  it.each<[string, GgufFile, string, string]>([
    ['another architecture', header({ 'general.architecture': 'bloom' }), 'model-unsupported', 'bloom'],
    ['no architecture', header({ 'general.architecture': undefined }), 'gguf-invalid', 'architecture'],
    ['experts that it does not know', header({ 'general.architecture': 'dbrx' }), 'model-unsupported', 'experts'],
    ['an unknown rope scaling', header({ 'llama.rope.scaling.type': 'spiral' }), 'model-unsupported', 'spiral'],
    ['a missing number', header({ 'llama.block_count': undefined }), 'gguf-invalid', 'block_count'],
    ['a number that is text', header({ 'llama.embedding_length': '64' }), 'model-unsupported', 'embedding_length'],
    ['a number that is not one', header({ 'llama.block_count': Number.NaN }), 'model-unsupported', 'block_count'],
    ['billions of layers', header({ 'llama.block_count': 4e9 }), 'model-unsupported', 'block_count'],
    ['heads that do not divide', header({ 'llama.attention.head_count': 5 }), 'model-unsupported', 'key_length'],
    ['heads that cannot share', header({ 'llama.attention.head_count_kv': 3 }), 'gguf-invalid', '3'],
    ['keys unlike values', header({ 'llama.attention.value_length': 32 }), 'model-unsupported', 'width'],
    ['a missing tensor', header({}, [['blk.0.ffn_up.weight', undefined]]), 'gguf-invalid', 'ffn_up'],
    ['no embedding', header({}, [['token_embd.weight', undefined]]), 'gguf-invalid', 'token_embd'],
    ['a misshapen tensor', header({}, [tensor('blk.0.attn_k.weight', [64, 48])]), 'gguf-invalid', 'attn_k'],
    ['a transposed tensor', header({}, [tensor('blk.0.ffn_down.weight', [64, 96])]), 'gguf-invalid', 'ffn_down'],
    ['a quantised norm', header({}, [tensor('output_norm.weight', [64], 'Q8_0')]), 'model-unsupported', 'Q8_0'],
    ['a part nobody runs', header({}, [tensor('blk.0.altup_router.weight', [4])]), 'model-unsupported', 'altup_router'],
    ['layers it does not count', header({}, [tensor('blk.1.attn_norm.weight', [64])]), 'model-unsupported', 'blk.1'],
  ])('refuses %s', (_, file, code, part) => {
    const { code: actual, message } = refusal(file);
    expect(actual).toBe(code);
    expect(message).toContain(part);
  });
});
