import { ggmlTypeByName } from '../../../formats/gguf/ggml-types.ts';
import type { GgmlTypeName, GgufFile, GgufTensor, GgufValue } from '../../../formats/gguf/types.ts';
import { type ByteSource, MemoryByteSource } from '../../../shared/index.ts';
import { type DecoderSpec, decoderSpecFromGguf } from '../../architectures/index.ts';

/** A model of scripts/goldens/architectures.json. */
export interface GoldenModel {
  readonly name: string;
  readonly architecture: string;
  /** Positions of the KV cache it ran with. */
  readonly context: number;
  readonly metadata: Readonly<Record<string, GgufValue>>;
  /** Name, block type ("*" for the one of the run), shape with the innermost dimension first. */
  readonly tensors: readonly (readonly [name: string, type: string, shape: readonly number[]])[];
  /** By block type, base64: float32 for all positions of F32, float16 for the few ones of the others. */
  readonly logits: Readonly<Partial<Record<GgmlTypeName, string>>>;
}

export interface ArchitectureGoldens {
  /** Tokens of the text. */
  readonly length: number;
  /** Positions whose logits are kept, and which of those are kept for all block types. */
  readonly positions: readonly number[];
  readonly few: readonly number[];
  readonly models: readonly GoldenModel[];
}

/** The text that all of them read. */
export function goldenTokens({ length }: ArchitectureGoldens, vocabularySize: number): number[] {
  return Array.from({ length }, (_, i) => (i * i * 7 + 3 * i + 1) % vocabularySize);
}

/** What llama.cpp computed, by position. */
export function goldenLogits(goldens: ArchitectureGoldens, model: GoldenModel, type: GgmlTypeName) {
  const bytes = Uint8Array.from(atob(model.logits[type]!), (character) => character.charCodeAt(0));
  const values =
    type === 'F32' ? [...new Float32Array(bytes.buffer)] : [...new Uint16Array(bytes.buffer)].map(halfToNumber);
  const positions = type === 'F32' ? goldens.positions : goldens.few.map((index) => goldens.positions[index]!);
  const width = values.length / positions.length;
  return new Map(positions.map((position, i) => [position, values.slice(i * width, (i + 1) * width)]));
}

/** Root mean square of the difference as a share of the spread of the expected logits: logits themselves have no scale. */
export function relativeError(actual: ArrayLike<number>, expected: readonly number[]): number {
  const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
  const spread = expected.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(expected.reduce((sum, value, i) => sum + (value - actual[i]!) ** 2, 0) / spread);
}

export interface BuiltModel {
  readonly gguf: GgufFile;
  readonly bytes: Uint8Array;
  readonly source: ByteSource;
  readonly spec: DecoderSpec;
}

/** The model itself: its bytes come from a hash, as in scripts/goldens/architectures.py. */
export function buildGoldenModel(model: GoldenModel, typeOfRun: GgmlTypeName): BuiltModel {
  const tensors = new Map<string, GgufTensor>();
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const [index, [name, kind, dimensions]] of model.tensors.entries()) {
    const type = kind === '*' ? typeOfRun : (kind as GgmlTypeName);
    const data = tensorBytes(name, type, dimensions, index + 1);
    tensors.set(name, { name, type, dimensions, offset, byteLength: data.byteLength });
    parts.push(data);
    offset += data.byteLength;
  }
  const bytes = new Uint8Array(offset);
  for (const [index, tensor] of [...tensors.values()].entries()) bytes.set(parts[index]!, tensor.offset);
  const entries = Object.entries(model.metadata).map(
    ([key, value]) => [`${model.architecture}.${key}`, value] as const,
  );
  const metadata = new Map<string, GgufValue>([['general.architecture', model.architecture], ...entries]);
  const gguf: GgufFile = { version: 3, metadata, tensors, dataOffset: 0, alignment: 32 };
  return { gguf, bytes, source: new MemoryByteSource(bytes), spec: decoderSpecFromGguf(gguf) };
}

/** The hash of scripts/goldens/architectures.py and conversion.py. */
export function randomBytes(seed: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => {
    let x = (Math.imul(i, 0x9e3779b1) + Math.imul(seed, 0x85ebca6b)) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) >>> 0;
    x = Math.imul(x ^ (x >>> 12), 0x297a2d39) >>> 0;
    return (x ^ (x >>> 15)) >>> 24;
  });
}

/** A power of two near 1.5 / √columns. Python rounds halves to even, and none occur. */
const unit = (columns: number) => 2 ** Math.round(Math.log2(1.5 / Math.sqrt(columns)));

/** What is written over the random bytes of a block: halves by their offset, so that values are near ± unit. */
const FIXED: Readonly<Partial<Record<GgmlTypeName, (unit: number) => Readonly<Record<number, number>>>>> = {
  Q8_0: (u) => ({ 0: u / 128 }),
  Q4_0: (u) => ({ 0: u / 8 }),
  Q4_1: (u) => ({ 0: u / 8, 2: (-u * 15) / 16 }),
  Q5_0: (u) => ({ 0: u / 16 }),
  Q5_1: (u) => ({ 0: u / 16, 2: (-u * 31) / 32 }),
  Q2_K: (u) => ({ 80: u / 16, 82: (u * 3) / 32 }),
  Q3_K: (u) => ({ 108: u / 64 }),
  Q4_K: (u) => ({ 0: u / 256, 2: (u * 15) / 512 }),
  Q5_K: (u) => ({ 0: u / 512, 2: (u * 31) / 1024 }),
  Q6_K: (u) => ({ 208: u / 2048 }),
  IQ4_NL: (u) => ({ 0: u / 128 }),
  IQ4_XS: (u) => ({ 0: u / 2048 }),
  MXFP4: () => ({}),
  TQ1_0: (u) => ({ 52: u / 2 }),
  TQ2_0: (u) => ({ 64: u / 2 }),
  Q1_0: (u) => ({ 0: u / 2 }),
  IQ1_S: (u) => ({ 0: u / 16 }),
  IQ2_XXS: (u) => ({ 0: u / 128 }),
  IQ2_XS: (u) => ({ 0: u / 128 }),
  IQ2_S: (u) => ({ 0: u / 128 }),
  IQ3_XXS: (u) => ({ 0: u / 512 }),
  IQ3_S: (u) => ({ 0: u / 512 }),
};

function tensorBytes(name: string, type: GgmlTypeName, shape: readonly number[], seed: number): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const fixed = FIXED[type];
  if (fixed === undefined) return floatBytes(name, type, shape, randomBytes(seed, count));
  const { blockLength, blockBytes } = ggmlTypeByName(type)!;
  const bytes = randomBytes(seed, (count / blockLength) * blockBytes);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += blockBytes) {
    for (const [place, value] of Object.entries(fixed(unit(shape[0]!)))) {
      view.setUint16(at + Number(place), numberToHalf(value), true);
    }
    // An exponent of eight bits.
    if (type === 'MXFP4') bytes[at] = 125 + Math.log2(unit(shape[0]!));
  }
  return bytes;
}

function floatBytes(name: string, type: GgmlTypeName, shape: readonly number[], random: Uint8Array): Uint8Array {
  const valueFrom = (byte: number) => {
    const signed = (byte - 128) / 128;
    if (name.endsWith('ssm_a')) return -1 - signed / 2;
    if (name.endsWith('ffn_gate_inp.scale')) return 16 + 8 * signed;
    if (name.includes('factors') || name.includes('rope_freqs')) return 2 + signed;
    if (shape.length > 1 && !name.includes('norm')) return signed * unit(shape[0]!);
    if (name.includes('shexp')) return signed / 8;
    return name.endsWith('.bias') ? signed / 4 : 1 + signed / 2;
  };
  if (type === 'F32') return new Uint8Array(Float32Array.from(random, valueFrom).buffer);
  if (type === 'BF16') {
    const bits = new Uint32Array(Float32Array.from(random, valueFrom).buffer);
    return new Uint8Array(Uint16Array.from(bits, (value) => value >>> 16).buffer);
  }
  return new Uint8Array(Uint16Array.from(random, (byte) => numberToHalf(valueFrom(byte))).buffer);
}

/** Exact for the values above: at most 11 significant bits, or a subnormal power of two. */
function numberToHalf(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0]!;
  if (Math.abs(value) < 2 ** -14) return ((bits >>> 16) & 0x8000) | (Math.abs(value) * 2 ** 24);
  return ((bits >>> 16) & 0x8000) | ((((bits >>> 23) & 255) - 112) << 10) | ((bits >>> 13) & 1023);
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}
