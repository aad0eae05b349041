import type { Family } from './family.ts';
import { USUAL_LAYER_PARTS, USUAL_PARTS } from './family.ts';
import { type ModelConfig, unsupported } from './model-config.ts';
import type { StoredTensor } from './model-folder.ts';
import type { WrittenType } from './quantise.ts';
import { holdsWeights } from './read-values.ts';

/** A tensor to write and how it comes from the folder's. */
export interface TensorPlan {
  readonly name: string;
  readonly type: WrittenType;
  /** Sizes, fastest-varying first. */
  readonly dimensions: readonly number[];
  readonly from: StoredTensor | Float32Array;
  /** Heads whose halves become pairs; undefined where rows stay in their order. */
  readonly interleavedHeads: number | undefined;
  /** Added to each value. */
  readonly offset: number;
}

/** Before the name of a part: wrappers of models that also see, and of models with a head. */
const WRAPPERS = /^(?:model\.|bert\.|language_model\.)*/;
/** What belongs to a model and not to its text decoder or encoder, or can be computed. */
const LEFT_OUT =
  /(^|\.)(vision_tower|vision_model|multi_modal_projector|pooler|cls|classifier|rotary_emb|position_ids|masked_bias)(\.|$)/;
const IN_LAYER = /^(?:layers|encoder\.layer)\.(\d+)\.(.+)$/;

/** What of the settings decides how tensors are written. */
export interface TensorChoices {
  readonly family: Family;
  readonly config: ModelConfig;
  /** For matrices; vectors stay F32. */
  readonly type: WrittenType;
}

/** Throws `model-unsupported` for a tensor that has no place: leaving it out would make another model. */
export function planTensors(
  stored: ReadonlyMap<string, StoredTensor>,
  computed: ReadonlyMap<string, Float32Array>,
  { family, config, type }: TensorChoices,
): TensorPlan[] {
  const plans: TensorPlan[] = [];
  const isTied = config.flag('tie_word_embeddings', false);
  for (const tensor of stored.values()) {
    if (LEFT_OUT.test(tensor.name)) continue;
    const name = nameOf(tensor.name, family);
    if (name === undefined) throw unsupported(family.architecture, `a part without a place: ${tensor.name}`);
    if (isTied && name === 'output.weight') continue;
    plans.push(planOne(tensor, name, { family, config, type }));
  }
  for (const [name, values] of computed) {
    const dimensions = [values.length];
    plans.push({ name, type: 'F32', dimensions, from: values, interleavedHeads: undefined, offset: 0 });
  }
  return plans;
}

function nameOf(name: string, family: Family): string | undefined {
  const own = name.replace(WRAPPERS, '');
  const [, layer, inLayer] = IN_LAYER.exec(own) ?? [];
  const [, part = '', kind = ''] = /^(.+)\.(weight|bias|gamma|beta)$/.exec(inLayer ?? own) ?? [];
  const parts =
    inLayer === undefined ? { ...USUAL_PARTS, ...family.parts } : { ...USUAL_LAYER_PARTS, ...family.layerParts };
  const mapped = Object.hasOwn(parts, part) ? parts[part] : undefined;
  if (mapped === undefined) return undefined;
  // Names of norms from before 2019.
  const suffix = kind === 'gamma' ? 'weight' : kind === 'beta' ? 'bias' : kind;
  return layer === undefined ? `${mapped}.${suffix}` : `blk.${Number(layer)}.${mapped}.${suffix}`;
}

function planOne(tensor: StoredTensor, name: string, { family, config, type }: TensorChoices): TensorPlan {
  if (!holdsWeights(tensor.type)) {
    throw unsupported(family.architecture, `weights stored as ${tensor.type} (${tensor.name})`);
  }
  // A convolution has one channel a group; that one says nothing.
  const [outer, middle, ...inner] = tensor.shape;
  const shape = middle === 1 && inner.length === 1 ? [outer!, ...inner] : tensor.shape;
  const dimensions = [...shape].reverse();
  if (dimensions.length > 2 || dimensions.length === 0 || dimensions.some((size) => size === 0)) {
    throw unsupported(family.architecture, `a tensor of shape [${tensor.shape.join(', ')}] (${tensor.name})`);
  }
  const isNorm = name.includes('norm');
  return {
    name,
    type: typeFor(name, dimensions, type),
    dimensions,
    from: tensor,
    interleavedHeads: family.hasHalvesToInterleave ? headsOf(name, config) : undefined,
    offset: family.normsLackOne && isNorm ? 1 : 0,
  };
}

/** Vectors, taps of convolutions and the small tables of BERT are worth their exact values; rows that no block divides are kept as halves. */
function typeFor(name: string, [columns = 0, rows]: readonly number[], type: WrittenType): WrittenType {
  if (rows === undefined || /^(token_types|position_embd)|shortconv\.conv/.test(name)) return 'F32';
  const isBlocked = type === 'Q8_0' || type === 'Q4_1';
  if (isBlocked && columns % 32 !== 0) return 'F16';
  // The table that words come from and go to decides more than its size.
  if (type === 'Q4_1' && (name === 'token_embd.weight' || name === 'output.weight')) return 'Q8_0';
  return type;
}

function headsOf(name: string, config: ModelConfig): number | undefined {
  const heads = config.integer('num_attention_heads', 1, 1024);
  if (/\.attn_q\.(weight|bias)$/.test(name)) return heads;
  if (/\.attn_k\.(weight|bias)$/.test(name)) return config.integer('num_key_value_heads', 1, heads, heads);
  return undefined;
}
