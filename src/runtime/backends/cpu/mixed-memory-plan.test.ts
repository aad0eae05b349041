import { describe, expect, it } from 'vitest';
import { planModel } from '../../../client/library/plan-model.ts';
import { ggmlTypeByName } from '../../../formats/gguf/ggml-types.ts';
import type { GgmlTypeName, GgufFile, GgufTensor, GgufValue } from '../../../formats/gguf/types.ts';
import { ggufFacts } from '../../../library/gguf-facts.ts';
import { decoderSpecFromGguf } from '../../architectures/index.ts';
import { CACHE_PAGE_TOKENS } from '../decoder-backend.ts';
import { candidateCount } from '../webgpu/decode-steps.ts';
import { createBuffers } from '../webgpu/gpu-buffers.ts';
import type { GpuDevice } from '../webgpu/gpu-device.ts';
import { planGpu } from '../webgpu/gpu-plan.ts';
import { CACHE_KINDS } from './cache-kind.ts';
import { hasPagesOnly, pageLayout } from './cache-pages.ts';
import { MOST_CHUNK_TOKENS } from './chunk-size.ts';
import { planMemory } from './memory-plan.ts';
import { pastBytes, stateBytes } from './recurrence-place.ts';

const MIB = 2 ** 20;
type Tensors = readonly (readonly [name: string, dimensions: readonly number[], type?: GgmlTypeName])[];

/** A header as a model of this shape has it; of its weights nothing is needed. */
function header(architecture: string, metadata: Record<string, GgufValue>, tensors: Tensors) {
  let offset = 0;
  const described = new Map<string, GgufTensor>();
  for (const [name, dimensions, type = 'Q4_K'] of tensors) {
    const { blockLength, blockBytes } = ggmlTypeByName(type);
    const byteLength = (dimensions.reduce((product, n) => product * n, 1) / blockLength) * blockBytes;
    described.set(name, { name, type, dimensions, offset, byteLength });
    offset += byteLength;
  }
  const entries = Object.entries(metadata).map(([key, value]) => [`${architecture}.${key}`, value] as const);
  const all = new Map<string, GgufValue>([['general.architecture', architecture], ...entries]);
  const gguf: GgufFile = { version: 3, metadata: all, tensors: described, dataOffset: 0, alignment: 32 };
  return { gguf, fileBytes: offset };
}

const layers = (count: number, of: (prefix: string, layer: number) => Tensors): Tensors =>
  Array.from({ length: count }, (_, layer) => of(`blk.${layer}.`, layer)).flat();
const common = { context_length: 32_768, 'attention.layer_norm_rms_epsilon': 1e-5 };

/** Some 370 million weights: nothing but states. */
const mamba = () =>
  header(
    'mamba2',
    {
      ...common,
      block_count: 48,
      embedding_length: 1024,
      feed_forward_length: 0,
      'attention.head_count': 0,
      'attention.head_count_kv': 0,
      'ssm.conv_kernel': 4,
      'ssm.inner_size': 2048,
      'ssm.state_size': 128,
      'ssm.time_step_rank': 32,
      'ssm.group_count': 1,
    },
    [
      ['token_embd.weight', [1024, 50_288]],
      ['output_norm.weight', [1024], 'F32'],
      ...layers(48, (at) => [
        [`${at}attn_norm.weight`, [1024], 'F32'],
        [`${at}ssm_conv1d.weight`, [4, 2304], 'F32'],
        [`${at}ssm_conv1d.bias`, [2304], 'F32'],
        [`${at}ssm_dt.bias`, [32], 'F32'],
        [`${at}ssm_a`, [1, 32], 'F32'],
        [`${at}ssm_d`, [1, 32], 'F32'],
        [`${at}ssm_norm.weight`, [2048, 1], 'F32'],
        [`${at}ssm_in.weight`, [1024, 4384]],
        [`${at}ssm_out.weight`, [2048, 1024]],
      ]),
    ],
  );

/** Some 1.2 thousand million: convolutions in ten of sixteen layers. */
const lfm = () => {
  const keyValueHeads = [0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 8, 0, 8, 0, 8, 0];
  return header(
    'lfm2',
    {
      ...common,
      block_count: 16,
      embedding_length: 2048,
      feed_forward_length: 8192,
      'attention.head_count': 32,
      'attention.head_count_kv': keyValueHeads,
      'shortconv.l_cache': 3,
    },
    [
      ['token_embd.weight', [2048, 65_536]],
      ['token_embd_norm.weight', [2048], 'F32'],
      ...layers(16, (at, layer) => [
        [`${at}attn_norm.weight`, [2048], 'F32'],
        [`${at}ffn_norm.weight`, [2048], 'F32'],
        ...((keyValueHeads[layer] === 0
          ? [
              [`${at}shortconv.conv.weight`, [3, 2048], 'F32'],
              [`${at}shortconv.in_proj.weight`, [2048, 6144]],
              [`${at}shortconv.out_proj.weight`, [2048, 2048]],
            ]
          : [
              [`${at}attn_q.weight`, [2048, 2048]],
              [`${at}attn_k.weight`, [2048, 512]],
              [`${at}attn_v.weight`, [2048, 512]],
              [`${at}attn_output.weight`, [2048, 2048]],
              [`${at}attn_q_norm.weight`, [64], 'F32'],
              [`${at}attn_k_norm.weight`, [64], 'F32'],
            ]) as Tensors),
        [`${at}ffn_gate.weight`, [2048, 8192]],
        [`${at}ffn_up.weight`, [2048, 8192]],
        [`${at}ffn_down.weight`, [8192, 2048]],
      ]),
    ],
  );
};

/** Some 1.3 thousand million, of which a token uses 0.4. */
const experts = () =>
  header(
    'qwen3moe',
    {
      ...common,
      block_count: 24,
      embedding_length: 1024,
      feed_forward_length: 2048,
      'attention.head_count': 16,
      'attention.head_count_kv': 8,
      'attention.key_length': 64,
      'attention.value_length': 64,
      expert_count: 32,
      expert_used_count: 8,
      expert_feed_forward_length: 512,
    },
    [
      ['token_embd.weight', [1024, 49_152]],
      ['output_norm.weight', [1024], 'F32'],
      ...layers(24, (at) => [
        [`${at}attn_norm.weight`, [1024], 'F32'],
        [`${at}ffn_norm.weight`, [1024], 'F32'],
        [`${at}attn_q.weight`, [1024, 1024]],
        [`${at}attn_k.weight`, [1024, 512]],
        [`${at}attn_v.weight`, [1024, 512]],
        [`${at}attn_output.weight`, [1024, 1024]],
        [`${at}attn_q_norm.weight`, [64], 'F32'],
        [`${at}attn_k_norm.weight`, [64], 'F32'],
        [`${at}ffn_gate_inp.weight`, [1024, 32], 'F32'],
        [`${at}ffn_gate_exps.weight`, [1024, 512, 32]],
        [`${at}ffn_up_exps.weight`, [1024, 512, 32]],
        [`${at}ffn_down_exps.weight`, [512, 1024, 32]],
      ]),
    ],
  );

const DEVICE = { memoryBytes: null, threads: 8, gpuBufferBytes: null, freeBytes: null };
const LARGE_DEVICE = {
  maxBufferSize: 2 ** 32,
  maxStorageBufferBindingSize: 2 ** 31,
  maxComputeWorkgroupsPerDimension: 65_535,
  maxComputeWorkgroupStorageSize: 32_768,
};
const counting = { device: { createBuffer: () => ({}) } } as unknown as GpuDevice;
/** Copies of states that are kept so that a text can be cut (recurrent-state.ts). */
const mostCopies = (bytes: number) => Math.min(8, Math.max(2, Math.floor((96 * MIB) / bytes)));

describe('what the planner states', () => {
  it.each([
    ['states', mamba],
    ['convolutions', lfm],
    ['experts', experts],
  ])('is not exceeded by a model with %s', async (_, make) => {
    const { gguf, fileBytes } = make();
    const spec = decoderSpecFromGguf(gguf);
    const { memory, contextLength } = await ggufFacts(gguf, fileBytes);
    const needs = { fileBytes, storedBytes: 0, memory, contextLength };
    for (const wanted of [512, 2_048, 8_192]) {
      for (const kvCache of CACHE_KINDS) {
        const stated = planModel(needs, DEVICE, { contextLength: wanted, kvCache });
        for (const threads of [1, 8]) {
          const options = { contextLength: wanted, threads, chunk: MOST_CHUNK_TOKENS, cacheKind: kvCache };
          const plan = planMemory(spec, options);
          const pages = hasPagesOnly(plan) ? (pageLayout(plan).pageBytes * wanted) / CACHE_PAGE_TOKENS : 0;
          const states = plan.layers.reduce(
            (sum, { recurrence }) =>
              sum + (recurrence === undefined ? 0 : stateBytes(recurrence.spec) + pastBytes(recurrence.spec)),
            0,
          );
          const copies = Math.min(256 * MIB, pages) + (states === 0 ? 0 : mostCopies(states) * states);
          // The rest is the thread's: code, tokenizer, garbage.
          const taken = plan.totalBytes + copies + 24 * MIB;
          expect(taken, `${wanted}, ${kvCache}, ${threads}`).toBeLessThanOrEqual(stated.memoryBytes);
        }
      }
      const { parts } = planModel(needs, DEVICE, { contextLength: wanted, backend: 'webgpu' });
      const gpu = planGpu(spec, wanted, LARGE_DEVICE);
      const made = createBuffers(counting, gpu, candidateCount(gpu)).memoryBytes + 2 * 64 * spec.vocabularySize * 4;
      expect(made, `${wanted}, GPU`).toBeLessThanOrEqual(parts.weights + parts.working + parts.cache);
    }
  });
});
