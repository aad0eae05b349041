import type { RopeSpec } from './decoder-spec.ts';
import type { ModelReader } from './model-reader.ts';

/**
 * The rotation that a file's metadata and factor tensors describe: none, linear, llama3 (as factors), yarn, longrope.
 * Source of the keys: gguf-py/gguf/constants.py of llama.cpp.
 */
export function ropeFromMetadata(reader: ModelReader, kind: RopeSpec['kind'], headSize: number): RopeSpec {
  const dimensions = reader.integer('rope.dimension_count', 2, headSize, headSize);
  if (dimensions % 2 !== 0) throw reader.refusal(`an odd number of turned dimensions (${dimensions})`);
  const scaling = reader.text('rope.scaling.type') ?? 'linear';
  if (!['none', 'linear', 'yarn', 'longrope'].includes(scaling)) {
    throw reader.refusal(`positions scaled by "${scaling}"`);
  }
  const originalContext = reader.integer('rope.scaling.original_context_length', 0, 2 ** 31, 0);
  const above = originalContext > 0 ? originalContext : reader.integer('context_length', 1, 2 ** 31);
  const half = dimensions / 2;
  const long = reader.optionalVector('rope_factors_long.weight', half);
  const short = reader.optionalVector('rope_factors_short.weight', half);
  const positionScale = scaling === 'none' ? 1 : factorOf(reader);
  return {
    kind,
    dimensions,
    base: reader.number('rope.freq_base', 1, 1e12, 10_000),
    positionScale,
    factors: reader.optionalVector('rope_freqs.weight', half) ?? short,
    longFactors: long === undefined ? undefined : { above, factors: long },
    yarn:
      scaling === 'yarn'
        ? {
            originalContext: above,
            betaFast: reader.number('rope.scaling.yarn_beta_fast', 0, 1e6, 32),
            betaSlow: reader.number('rope.scaling.yarn_beta_slow', 0, 1e6, 1),
          }
        : undefined,
    magnitude: magnitudeOf(reader, scaling, positionScale),
  };
}

/** The factor under its present or its old key; 0 is how some writers say "none". */
function factorOf(reader: ModelReader): number {
  const factor = reader.number('rope.scaling.factor', 0, 1e6, reader.number('rope.scale_linear', 0, 1e6, 0));
  return factor === 0 ? 1 : factor;
}

/**
 * YaRN lengthens queries and keys by 1 + 0.1 ln(factor), unless the file's log multiplier says that the model was trained
 * with another share of it.
 */
function magnitudeOf(reader: ModelReader, scaling: string, factor: number): number {
  const given = reader.number('rope.scaling.attn_factor', 0, 1e3, 1);
  if (scaling !== 'yarn' || factor <= 1) return given;
  const lengthening = (share: number) => 1 + 0.1 * share * Math.log(factor);
  const share = reader.number('rope.scaling.yarn_log_multiplier', 0, 100, 0);
  return given * (share === 0 ? lengthening(1) : lengthening(1) / lengthening(share));
}
