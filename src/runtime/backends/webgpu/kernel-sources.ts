import activation from './shaders/activation.wgsl?raw';
import adapter from './shaders/adapter.wgsl?raw';
import adapterDecode from './shaders/adapter-decode.wgsl?raw';
import adapterLow from './shaders/adapter-low.wgsl?raw';
import adapterNone from './shaders/adapter-none.wgsl?raw';
import adapterPrefill from './shaders/adapter-prefill.wgsl?raw';
import attentionDecode from './shaders/attention-decode.wgsl?raw';
import attentionJoin from './shaders/attention-join.wgsl?raw';
import attentionJoinDecode from './shaders/attention-join-decode.wgsl?raw';
import attentionOutputDecode from './shaders/attention-output-decode.wgsl?raw';
import attentionPrefill from './shaders/attention-prefill.wgsl?raw';
import attentionSplit from './shaders/attention-split.wgsl?raw';
import cache from './shaders/cache.wgsl?raw';
import cacheF16 from './shaders/cache-f16.wgsl?raw';
import cacheF32 from './shaders/cache-f32.wgsl?raw';
import candidate from './shaders/candidate.wgsl?raw';
import choose from './shaders/choose.wgsl?raw';
import convolve from './shaders/convolve.wgsl?raw';
import draw from './shaders/draw.wgsl?raw';
import embed from './shaders/embed.wgsl?raw';
import embedTexts from './shaders/embed-texts.wgsl?raw';
import gateUpDecode from './shaders/gate-up-decode.wgsl?raw';
import gateUpPrefill from './shaders/gate-up-prefill.wgsl?raw';
import gemm from './shaders/gemm.wgsl?raw';
import groupByExpert from './shaders/group-by-expert.wgsl?raw';
import headDecode from './shaders/head-decode.wgsl?raw';
import headPrefill from './shaders/head-prefill.wgsl?raw';
import layerInputDecode from './shaders/layer-input-decode.wgsl?raw';
import layerInputPrefill from './shaders/layer-input-prefill.wgsl?raw';
import layerInputs from './shaders/layer-inputs.wgsl?raw';
import matvec from './shaders/matvec.wgsl?raw';
import norm from './shaders/norm.wgsl?raw';
import outputGate from './shaders/output-gate.wgsl?raw';
import penalties from './shaders/penalties.wgsl?raw';
import place from './shaders/place.wgsl?raw';
import pool from './shaders/pool.wgsl?raw';
import projectDecode from './shaders/project-decode.wgsl?raw';
import projectPrefill from './shaders/project-prefill.wgsl?raw';
import qkvDecode from './shaders/qkv-decode.wgsl?raw';
import qkvPrefill from './shaders/qkv-prefill.wgsl?raw';
import rope from './shaders/rope.wgsl?raw';
import route from './shaders/route.wgsl?raw';
import scratch from './shaders/scratch.wgsl?raw';
import seesAround from './shaders/sees-around.wgsl?raw';
import seesBefore from './shaders/sees-before.wgsl?raw';
import sinks from './shaders/sinks.wgsl?raw';
import sinksNone from './shaders/sinks-none.wgsl?raw';
import softCap from './shaders/soft-cap.wgsl?raw';
import state from './shaders/state.wgsl?raw';
import stateChannels from './shaders/state-channels.wgsl?raw';
import stateGate from './shaders/state-gate.wgsl?raw';
import stateSlot from './shaders/state-slot.wgsl?raw';
import sumExperts from './shaders/sum-experts.wgsl?raw';
import tokensByExpert from './shaders/tokens-by-expert.wgsl?raw';
import tokensInOrder from './shaders/tokens-in-order.wgsl?raw';
import visible from './shaders/visible.wgsl?raw';
import weights from './shaders/weights.wgsl?raw';
import weightsF16 from './shaders/weights-f16.wgsl?raw';
import weightsF32 from './shaders/weights-f32.wgsl?raw';
import weightsNibbles from './shaders/weights-nibbles.wgsl?raw';
import weightsQ8 from './shaders/weights-q8.wgsl?raw';
import weightsSigns from './shaders/weights-signs.wgsl?raw';
import type { WeightFormat } from './weights/index.ts';

const decodeMatrix = [scratch, weights, matvec] as const;
const prefillMatrix = [scratch, weights, gemm, tokensInOrder] as const;
const expertsMatrix = [scratch, weights, gemm, tokensByExpert] as const;
const decodeAttention = [scratch, cache, visible, softCap, attentionSplit, attentionDecode] as const;
const prefillAttention = [scratch, cache, visible, softCap, seesBefore, attentionPrefill] as const;
const joined = [visible, attentionSplit, attentionJoin] as const;

/** The kernels, each with the fragments it is made of. Order does not matter to WGSL. */
const KERNELS = {
  embed: [scratch, weights, embed],
  'layer-inputs': [scratch, weights, layerInputs],
  norm: [scratch, weights, norm],
  place: [scratch, weights, rope, cache, place],
  'qkv-decode': [...decodeMatrix, rope, cache, qkvDecode],
  'attention-decode': [...decodeAttention, sinksNone],
  'attention-sinks-decode': [...decodeAttention, sinks],
  'attention-output-decode': [...decodeMatrix, ...joined, attentionOutputDecode],
  'attention-join-decode': [scratch, ...joined, attentionJoinDecode],
  'output-gate': [scratch, outputGate],
  convolve: [scratch, weights, convolve],
  'state-channels': [scratch, weights, stateSlot, stateChannels],
  state: [scratch, weights, stateSlot, state],
  'state-gate': [scratch, weights, stateGate],
  'gate-up-decode': [...decodeMatrix, activation, gateUpDecode],
  'layer-input-decode': [...decodeMatrix, activation, layerInputDecode],
  'project-decode': [...decodeMatrix, projectDecode],
  'head-decode': [...decodeMatrix, softCap, candidate, headDecode],
  choose: [scratch, candidate, penalties, choose],
  draw: [scratch, candidate, penalties, draw],
  'qkv-prefill': [...prefillMatrix, rope, cache, qkvPrefill],
  'attention-prefill': [...prefillAttention, sinksNone],
  'attention-sinks-prefill': [...prefillAttention, sinks],
  'gate-up-prefill': [...prefillMatrix, activation, gateUpPrefill],
  'layer-input-prefill': [...prefillMatrix, activation, layerInputPrefill],
  'project-prefill': [...prefillMatrix, projectPrefill],
  route: [scratch, weights, route],
  'group-by-expert': [scratch, groupByExpert],
  'experts-gate-up-prefill': [...expertsMatrix, activation, gateUpPrefill],
  'experts-project-prefill': [...expertsMatrix, projectPrefill],
  'adapter-low': [scratch, weights, adapterLow],
  'sum-experts': [scratch, sumExperts],
  'head-prefill': [...prefillMatrix, softCap, headPrefill],
  'embed-texts': [scratch, weights, embedTexts],
  'attention-texts': [scratch, cache, softCap, sinksNone, seesAround, attentionPrefill],
  pool: [scratch, pool],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const READERS: Readonly<Record<WeightFormat, string>> = {
  q1_0: weightsSigns,
  q2_k: weightsNibbles,
  q3_k: weightsNibbles,
  q4_0: weightsNibbles,
  q4_1: weightsNibbles,
  q5_0: weightsNibbles,
  q5_1: weightsNibbles,
  q8_0: weightsQ8,
  q4_k: weightsNibbles,
  q5_k: weightsNibbles,
  q6_k: weightsNibbles,
  f16: weightsF16,
  f32: weightsF32,
};

/** How keys and values are stored. */
export type CacheFormat = 'f16' | 'f32';

const CACHES: Readonly<Record<CacheFormat, string>> = { f16: cacheF16, f32: cacheF32 };

/** The name of a kernel. */
export type KernelName = keyof typeof KERNELS;

/** Where a kernel binds adapters, behind all it may bind besides; what their A gave comes next. */
export const ADAPTER_BINDING = 6;

/** Constants of kernels that only some of their users set. */
const DEFAULTS: ShaderConstants = {
  PARTS: 1,
  SLOTS: 1,
  IS_CHOSEN: false,
  IS_CUT: false,
  FIRST_EXPERT: 0,
  EXPERTS_HERE: 1,
  IS_WEIGHTED: false,
  WEIGHS_BIAS: false,
  CHOSEN_AT: 0,
  CHOSEN_SLOTS: 1,
  FIRST_SLOT: 0,
  GATED_QUADS: 0,
  IS_EACH_TOKEN: false,
  ATTENDED_AT: 0,
  QUERY_QUADS: 0,
  ADAPTER_BINDING,
};

/** A number the shader is compiled with: unsigned, a flag, or a float marked as one. */
export type ShaderConstant = number | boolean | { readonly float: number };

/** Constants by their names in the shader. */
export type ShaderConstants = Readonly<Record<string, ShaderConstant>>;

/** What a kernel's text depends on. */
export interface SourceOptions {
  readonly constants: ShaderConstants;
  readonly format?: WeightFormat;
  readonly cache?: CacheFormat;
  readonly isAdapted?: boolean;
}

/**
 * The text of a kernel. Constants are written into it rather than overridden at pipeline creation, because they size
 * arrays in functions and let the compiler unroll. `format` picks how it reads weights, `cache` how it reads and writes
 * keys and values, for kernels that do;
 * `isAdapted` adds what adapters give to a product.
 */
export function kernelSource(name: KernelName, { constants, format, cache, isAdapted = false }: SourceOptions): string {
  const header = Object.entries({ ...DEFAULTS, ...constants }).map(
    ([key, value]) => `const ${key} = ${literal(value)};`,
  );
  const reader = format === undefined ? [] : [READERS[format]];
  const cacheAccess = cache === undefined ? [] : [CACHES[cache]];
  const fragments: readonly string[] = KERNELS[name];
  const added = fragments.includes(gemm) ? adapterPrefill : adapterDecode;
  const multiplied = isAdapted ? [adapter, added] : [adapterNone];
  const adapters = format === undefined ? [] : multiplied;
  return [...header, ...fragments, ...reader, ...cacheAccess, ...adapters].join('\n');
}

function literal(value: ShaderConstant): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'object') return `f32(${Math.fround(value.float)})`;
  return `${value}u`;
}
