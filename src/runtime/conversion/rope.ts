import { float, type Metadata, text, uint } from './fields.ts';
import { type ModelConfig, unsupported } from './model-config.ts';

/** Vectors a rotation needs beside its metadata, by the name of their tensor. */
export type RopeTensors = Map<string, Float32Array>;

/** The settings of a rotation: the present form (`rope_parameters`), or the older `rope_theta` and `rope_scaling`. */
export function ropeSettings(config: ModelConfig, layerKind = 'full_attention'): ModelConfig {
  const parameters = config.object('rope_parameters');
  if (parameters !== undefined) return parameters.object(layerKind) ?? parameters;
  return config.object('rope_scaling') ?? config;
}

/**
 * Writes a rotation's base and scaling into `metadata` and returns its factor tensors.
 * @param turned Dimensions of a head that turn.
 */
export function writeRope(metadata: Metadata, architecture: string, config: ModelConfig, turned: number): RopeTensors {
  const key = (name: string) => `${architecture}.rope.${name}`;
  const settings = ropeSettings(config);
  const base = settings.number('rope_theta', 1, 1e12, config.number('rope_theta', 1, 1e12, 10_000));
  metadata.set(key('dimension_count'), uint(turned));
  metadata.set(key('freq_base'), float(base));
  const tensors: RopeTensors = new Map();
  const kind = settings.text('rope_type') ?? settings.text('type') ?? 'default';
  const context = config.integer('max_position_embeddings', 1, 2 ** 31, 2048);
  const original = settings.integer(
    'original_max_position_embeddings',
    1,
    2 ** 31,
    config.integer('original_max_position_embeddings', 1, 2 ** 31, context),
  );
  switch (kind) {
    // Dynamic scaling changes nothing within the context the model was trained for.
    case 'default':
    case 'dynamic':
      break;
    case 'linear':
      metadata.set(key('scaling.type'), text('linear'));
      metadata.set(key('scaling.factor'), float(settings.number('factor', 1e-3, 1e6)));
      break;
    case 'llama3':
      tensors.set('rope_freqs.weight', llama3Factors(settings, base, turned, original));
      break;
    case 'yarn':
      metadata.set(key('scaling.type'), text('yarn'));
      metadata.set(key('scaling.factor'), float(settings.number('factor', 1e-3, 1e6)));
      metadata.set(key('scaling.original_context_length'), uint(original));
      for (const name of ['beta_fast', 'beta_slow']) {
        if (settings.has(name)) metadata.set(key(`scaling.yarn_${name}`), float(settings.number(name, 0, 1e6)));
      }
      break;
    case 'su':
    case 'longrope': {
      metadata.set(key('scaling.type'), text('longrope'));
      metadata.set(key('scaling.original_context_length'), uint(original));
      metadata.set(key('scaling.attn_factor'), float(longropeMagnitude(settings, context, original)));
      for (const length of ['long', 'short']) {
        const factors = settings.numbers(`${length}_factor`);
        if (factors?.length !== turned / 2) throw unsupported(architecture, `its ${length} factors of positions`);
        tensors.set(`rope_factors_${length}.weight`, Float32Array.from(factors));
      }
      break;
    }
    default:
      throw unsupported(architecture, `positions scaled by "${kind}"`);
  }
  return tensors;
}

/** How much slower each pair turns: not at all where it turns often within the original context, `factor` where it hardly does. */
function llama3Factors(settings: ModelConfig, base: number, turned: number, original: number): Float32Array {
  const factor = settings.number('factor', 1e-3, 1e6, 8);
  const low = settings.number('low_freq_factor', 1e-3, 1e6, 1);
  const high = settings.number('high_freq_factor', 1e-3, 1e6, 4);
  return Float32Array.from({ length: turned / 2 }, (_, pair) => {
    const turns = original / (2 * Math.PI * base ** ((2 * pair) / turned));
    if (turns > high) return 1;
    if (turns < low) return factor;
    const share = (turns - low) / (high - low);
    return 1 / ((1 - share) / factor + share);
  });
}

function longropeMagnitude(settings: ModelConfig, context: number, original: number): number {
  if (settings.has('attention_factor')) return settings.number('attention_factor', 1e-3, 1e3);
  const factor = context / original;
  return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
}
