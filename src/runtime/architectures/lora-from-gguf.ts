import type { GgufFile } from '../../formats/gguf/types.ts';
import { SottoError } from '../../shared/index.ts';
import type { DecoderSpec, WeightSpec } from './decoder-spec.ts';
import { weightsOf } from './spec-parts.ts';

/** What an adapter adds to one weight's products, scale * B (A x), or to a row of the embedding, scale * B A[token]. */
export interface LoraPair {
  readonly adds: 'to products' | 'to rows';
  /** The weight of the model, by identity. */
  readonly weight: WeightSpec;
  /** `rank` rows of the weight's columns; where it adds to rows, a row a token of `rank` columns. */
  readonly a: WeightSpec;
  /** The weight's rows of `rank` columns; where it adds to rows, one for each of their values. */
  readonly b: WeightSpec;
  /** alpha / rank; the user's own scale multiplies it. */
  readonly scale: number;
}

/**
 * The pairs of a GGUF LoRA adapter for a model. Names and formula: convert_lora_to_gguf.py and llama-adapter.h of llama.cpp.
 * Throws `model-unsupported` for a file that is no such adapter, was made for another architecture or adapts a part that
 * cannot be adapted here, and `gguf-invalid` for shapes that do not fit the model.
 */
export function loraFromGguf(gguf: GgufFile, spec: DecoderSpec): readonly LoraPair[] {
  const { metadata, tensors } = gguf;
  if (metadata.get('general.type') !== 'adapter' || metadata.get('adapter.type') !== 'lora') {
    throw unsupported('The file is not a LoRA adapter: its general.type and adapter.type do not say so.');
  }
  const architecture = String(metadata.get('general.architecture'));
  if (architecture !== spec.architecture) {
    throw unsupported(`The adapter was made for ${architecture}; the model is ${spec.architecture}.`);
  }
  const alpha = metadata.get('adapter.lora.alpha');
  const weights = weightsOf(spec);
  const pairs: LoraPair[] = [];
  for (const name of tensors.keys()) {
    // Norms that were trained along are passed over, as llama.cpp does: adapters work nearly as well without them.
    if (name.endsWith('_norm.weight')) continue;
    const target = name.replace(/\.lora_[ab]$/, '');
    if (target === name) throw unsupported(`The adapter has a part this engine does not run: ${name}.`);
    if (name.endsWith('.lora_b')) continue;
    // One matrix an expert, in one tensor.
    if (tensors.get(name)!.dimensions.length > 2) {
      throw unsupported(
        `The adapter changes single experts (${target}), which is not supported: merge it into the model, or train one of the other parts only.`,
      );
    }
    const scale = typeof alpha === 'number' ? alpha : 0;
    if (target === spec.embedding.name) {
      pairs.push(rowPairOf(gguf, spec.embedding, scale));
      continue;
    }
    // Where the two are tied, an adapter of the output leaves the embedding as it is.
    const adapted =
      target === 'output.weight'
        ? [spec.output]
        : weights.filter((weight) => weight.name === target && weight !== spec.embedding);
    if (adapted.length === 0) throw unsupported(`The adapter changes ${target}, which cannot be adapted here.`);
    for (const weight of adapted) pairs.push(pairOf(gguf, target, weight, scale));
  }
  return pairs;
}

/** Of the embedding, A is a table of tokens. */
function rowPairOf({ tensors }: GgufFile, weight: WeightSpec, alpha: number): LoraPair {
  const a = tensors.get(`${weight.name}.lora_a`);
  const b = tensors.get(`${weight.name}.lora_b`);
  const rank = a?.dimensions[0] ?? 0;
  const fits = a?.dimensions[1] === weight.rows && b?.dimensions[0] === rank && b.dimensions[1] === weight.columns;
  if (a === undefined || b === undefined || !fits || rank < 1) throw misfit(weight.name);
  const common = { columns: rank, firstRow: 0, bias: undefined };
  return {
    adds: 'to rows',
    weight,
    a: { ...common, name: a.name, type: a.type, rows: weight.rows },
    b: { ...common, name: b.name, type: b.type, rows: weight.columns },
    scale: alpha === 0 ? 1 : alpha / rank,
  };
}

function pairOf({ tensors }: GgufFile, target: string, weight: WeightSpec, alpha: number): LoraPair {
  const a = tensors.get(`${target}.lora_a`);
  const b = tensors.get(`${target}.lora_b`);
  const rank = a?.dimensions[1] ?? 0;
  const rows = b?.dimensions[1] ?? 0;
  const { stripes } = weight;
  const end =
    weight.firstRow +
    (stripes === undefined ? weight.rows : (weight.rows / stripes.rows - 1) * stripes.every + stripes.rows);
  const fits = a?.dimensions[0] === weight.columns && b?.dimensions[0] === rank && rows >= end;
  if (a === undefined || b === undefined || !fits || rank < 1) throw misfit(target);
  const common = { bias: undefined };
  return {
    adds: 'to products',
    weight,
    a: { ...common, name: a.name, type: a.type, rows: rank, columns: weight.columns, firstRow: 0 },
    // Of a fused tensor, each part takes its own rows.
    b: { ...common, name: b.name, type: b.type, rows: weight.rows, columns: rank, firstRow: weight.firstRow, stripes },
    scale: alpha === 0 ? 1 : alpha / rank,
  };
}

function misfit(tensor: string): SottoError {
  return new SottoError('gguf-invalid', `The adapter does not fit ${tensor} of the model.`, { details: { tensor } });
}

function unsupported(message: string): SottoError {
  return new SottoError('model-unsupported', message);
}
