import { readFileSync } from 'node:fs';
import { numberToHalf } from '../../backends/blocks/index.ts';
import { randomBytes } from '../../backends/testing/golden-models.ts';
import type { FolderFile } from '../model-folder.ts';

/** A model of scripts/goldens/conversion.json: its settings, and the names and shapes of its tensors. */
export interface GoldenFolder {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tensors: readonly (readonly [name: string, shape: readonly number[]])[];
}

export interface GoldenTokenizer {
  readonly name: string;
  readonly tokenizer: Record<string, unknown> & { readonly model: Record<string, unknown> };
  readonly settings: Readonly<Record<string, string>>;
  /** What the tokenizers library makes of each text. */
  readonly ids: readonly (readonly number[])[];
}

export interface ConversionGoldens {
  readonly length: number;
  readonly positions: readonly number[];
  readonly models: readonly (GoldenFolder & { readonly name: string; readonly logits: string })[];
  readonly bert: GoldenFolder & { readonly vector: string };
  readonly texts: readonly string[];
  readonly tokenizers: readonly GoldenTokenizer[];
}

export function readConversionGoldens(): ConversionGoldens {
  return JSON.parse(readFileSync('scripts/goldens/conversion.json', 'utf8')) as ConversionGoldens;
}

export function unpackFloats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer);
}

/** The smallest tokenizer that goes with a model of `size` tokens. */
export function tinyTokenizer(size: number): object {
  const letters = Array.from({ length: size - 1 }, (_, id) => [String.fromCodePoint(0x100 + id), id]);
  return {
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    model: { type: 'BPE', vocab: { ...Object.fromEntries(letters), ĀĀ: size - 1 }, merges: ['Ā Ā'] },
  };
}

/** The folder as files; with `parts` its weights are spread over several. */
export function goldenFolder(
  golden: GoldenFolder,
  { type = 'BF16', parts = 1, tokenizer }: { type?: 'BF16' | 'F32' | 'F16'; parts?: number; tokenizer?: object } = {},
): FolderFile[] {
  const json = (path: string, value: unknown) => ({ path, file: new Blob([JSON.stringify(value)]) });
  const isGemma = String(golden.config['model_type']).startsWith('gemma');
  const tensors = golden.tensors.map(([name, shape], index) => ({
    name,
    shape,
    bytes: asBytes(valuesOf(name, shape, index + 1, isGemma ? 0 : 1), type),
  }));
  const files = Array.from({ length: parts }, (_, part) => ({
    path: parts === 1 ? 'model.safetensors' : `model-0000${part + 1}-of-0000${parts}.safetensors`,
    tensors: tensors.filter((_, index) => index % parts === part),
  }));
  const index = files.flatMap(({ path, tensors: held }) => held.map(({ name }) => [name, path]));
  return [
    json('config.json', golden.config),
    json('tokenizer.json', tokenizer ?? tinyTokenizer(Number(golden.config['vocab_size']))),
    ...files.map(({ path, tensors: held }) => ({ path, file: new Blob([writeSafetensors(held, type)]) })),
    ...(parts === 1 ? [] : [json('model.safetensors.index.json', { weight_map: Object.fromEntries(index) })]),
  ];
}

/** A whole file; what a test wants to be wrong in it may be put into `header`. */
export function writeSafetensors(
  tensors: readonly { readonly name: string; readonly shape: readonly number[]; readonly bytes: Uint8Array }[],
  type: string,
  header: Record<string, unknown> = {},
): Uint8Array<ArrayBuffer> {
  let at = 0;
  const entries = tensors.map(({ name, shape, bytes }) => {
    const place = [at, at + bytes.byteLength];
    at += bytes.byteLength;
    return [name, { dtype: type, shape, data_offsets: place }];
  });
  const all = { __metadata__: { format: 'pt' }, ...Object.fromEntries(entries), ...header };
  const text = new TextEncoder().encode(JSON.stringify(all));
  const file = new Uint8Array(8 + text.byteLength + at);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  file.set(text, 8);
  let to = 8 + text.byteLength;
  for (const { bytes } of tensors) {
    file.set(bytes, to);
    to += bytes.byteLength;
  }
  return file;
}

function asBytes(values: Float32Array, type: 'BF16' | 'F32' | 'F16'): Uint8Array {
  if (type === 'F32') return new Uint8Array(values.buffer);
  // All values are exact in both halves; BF16 is the upper half of an F32.
  if (type === 'F16') return new Uint8Array(Uint16Array.from(values, numberToHalf).buffer);
  return new Uint8Array(Uint16Array.from(new Uint32Array(values.buffer), (word) => word >>> 16).buffer);
}

function valuesOf(name: string, shape: readonly number[], seed: number, normCentre: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const unit = 2 ** Math.round(Math.log2(1.5 / Math.sqrt(shape.at(-1)!)));
  return Float32Array.from(randomBytes(seed, count), (byte) => {
    if (shape.length > 1) return ((byte - 128) / 128) * unit;
    return name.endsWith('bias') ? (byte - 128) / 512 : normCentre + (Math.floor(byte / 8) - 16) / 32;
  });
}
