import activation from './shaders/activation.wgsl?raw';
import attentionDecode from './shaders/attention-decode.wgsl?raw';
import attentionOutputDecode from './shaders/attention-output-decode.wgsl?raw';
import attentionPrefill from './shaders/attention-prefill.wgsl?raw';
import attentionSplit from './shaders/attention-split.wgsl?raw';
import candidate from './shaders/candidate.wgsl?raw';
import choose from './shaders/choose.wgsl?raw';
import downDecode from './shaders/down-decode.wgsl?raw';
import embed from './shaders/embed.wgsl?raw';
import gateUpDecode from './shaders/gate-up-decode.wgsl?raw';
import gateUpPrefill from './shaders/gate-up-prefill.wgsl?raw';
import gemm from './shaders/gemm.wgsl?raw';
import headDecode from './shaders/head-decode.wgsl?raw';
import headPrefill from './shaders/head-prefill.wgsl?raw';
import matvec from './shaders/matvec.wgsl?raw';
import qkvDecode from './shaders/qkv-decode.wgsl?raw';
import qkvPrefill from './shaders/qkv-prefill.wgsl?raw';
import residualPrefill from './shaders/residual-prefill.wgsl?raw';
import state from './shaders/state.wgsl?raw';
import weightsF16 from './shaders/weights-f16.wgsl?raw';
import weightsF32 from './shaders/weights-f32.wgsl?raw';
import weightsQ4 from './shaders/weights-q4.wgsl?raw';
import weightsQ8 from './shaders/weights-q8.wgsl?raw';
import type { WeightFormat } from './weights/index.ts';

/** The kernels, each with the fragments it is made of. Order does not matter to WGSL. */
const KERNELS = {
  embed: [embed],
  'qkv-decode': [state, matvec, qkvDecode],
  'attention-decode': [state, attentionSplit, attentionDecode],
  'attention-output-decode': [state, matvec, attentionSplit, attentionOutputDecode],
  'gate-up-decode': [matvec, activation, gateUpDecode],
  'down-decode': [matvec, downDecode],
  'head-decode': [matvec, candidate, headDecode],
  choose: [state, candidate, choose],
  'qkv-prefill': [state, gemm, qkvPrefill],
  'attention-prefill': [state, attentionPrefill],
  'residual-prefill': [state, gemm, residualPrefill],
  'gate-up-prefill': [state, gemm, activation, gateUpPrefill],
  'head-prefill': [state, gemm, headPrefill],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const READERS: Readonly<Record<WeightFormat, string>> = {
  q4_0: weightsQ4,
  q4_1: weightsQ4,
  q8_0: weightsQ8,
  f16: weightsF16,
  f32: weightsF32,
};

/** The name of a kernel. */
export type KernelName = keyof typeof KERNELS;

/** A number the shader is compiled with: unsigned, a flag, or a float marked as one. */
export type ShaderConstant = number | boolean | { readonly float: number };

/** Constants by their names in the shader. */
export type ShaderConstants = Readonly<Record<string, ShaderConstant>>;

/**
 * The text of a kernel. Constants are written into it rather than overridden at pipeline creation, because they size
 * arrays in functions and let the compiler unroll. `format` picks how it reads weights, for kernels that do.
 */
export function kernelSource(name: KernelName, constants: ShaderConstants, format?: WeightFormat): string {
  const header = Object.entries(constants).map(([key, value]) => `const ${key} = ${literal(value)};`);
  const reader = format === undefined ? [] : [READERS[format]];
  return [...header, ...KERNELS[name], ...reader].join('\n');
}

function literal(value: ShaderConstant): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'object') return `f32(${Math.fround(value.float)})`;
  return `${value}u`;
}
