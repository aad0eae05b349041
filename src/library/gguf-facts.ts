import type { GgufFile, GgufValue } from '../formats/index.ts';
import type { MemoryNeeds, ModelCapability } from '../protocol/index.ts';
import { toHex } from '../shared/index.ts';
import { bytesOnTop, outlineBytes } from './held-bytes.ts';
import { encoderWeightBytes, encoderWorkingBytes, graphicsBytes, type ModelWidths } from './working-bytes.ts';

/** What the header of a model file says of it. */
export interface GgufFacts {
  /** Undefined where the file does not name itself. */
  readonly name: string | undefined;
  readonly architecture: string;
  readonly parameters: number;
  /** The block type that holds the most weights. */
  readonly quantisation: string;
  readonly contextLength: number;
  /** SPDX identifier, where the file names one. */
  readonly licence: string | undefined;
  /** Empty where the file has none. */
  readonly template: string;
  readonly templateSha256: string;
  readonly tokenizerSha256: string;
  /** Facts of the tokenizer a person can compare, by name. */
  readonly tokenizer: Readonly<Record<string, string>>;
  readonly memory: MemoryNeeds;
  readonly capabilities: readonly ModelCapability[];
}

/** Activations, logits and tables, as a share of the weights. */
const WORKING_SHARE = 0.2;
/** The KV cache holds two bytes a value. */
const CACHE_VALUE_BYTES = 2;
/** How often engines hold the states of a text: within so many bytes, as long as there are a few (`webgpu/state-room.ts`). */
const MOST_STATE_BYTES = 192 * 2 ** 20;
const LEAST_STATES = 5;
const MOST_STATES = 17;
/** Positions that a short convolution holds the inputs of. */
const CONVOLUTION_POSITIONS = 128;
/** Far above any model; a header may say anything. */
const MOST_LAYERS = 4096;
const MOST_WIDTH = 2 ** 20;
/** Metadata whose value is a list too long to compare by eye: its hash is compared. */
const LONG_LIST = 16;

/** Reads the facts of a header. `fileBytes`: of the whole file. */
export async function ggufFacts(gguf: GgufFile, fileBytes: number): Promise<GgufFacts> {
  const { metadata, tensors } = gguf;
  const text = (key: string) => {
    const value = metadata.get(key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const architecture = text('general.architecture') ?? 'unknown';
  const own = (key: string) => metadata.get(`${architecture}.${key}`);
  const weights = new Map<string, number>();
  let parameters = 0;
  for (const { type, dimensions } of tensors.values()) {
    const count = dimensions.reduce((size, dimension) => size * dimension, 1);
    parameters += count;
    weights.set(type, (weights.get(type) ?? 0) + count);
  }
  const template = text('tokenizer.chat_template') ?? '';
  const isEncoder = own('attention.causal') === false || own('pooling_type') !== undefined;
  return {
    name: text('general.name'),
    architecture,
    parameters: Math.max(1, parameters),
    quantisation: [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown',
    contextLength: Math.max(1, numberOf(own('context_length')) ?? 1),
    licence: text('general.license'),
    template,
    templateSha256: await sha256OfText(template),
    tokenizerSha256: await tokenizerSha256Of(metadata),
    tokenizer: await tokenizerFacts(metadata),
    memory: isEncoder ? encoderNeeds(gguf, own) : decoderNeeds(gguf, own, fileBytes),
    capabilities: isEncoder
      ? ['embeddings']
      : /\btools\b/.test(template) || [...metadata.keys()].includes('tokenizer.chat_template.tool_use')
        ? ['chat', 'tools']
        : ['chat'],
  };
}

type Own = (key: string) => GgufValue | undefined;

function decoderNeeds(gguf: GgufFile, own: Own, fileBytes: number): MemoryNeeds {
  const layers = layersOf(gguf.tensors);
  const states = stateBytes(own, layers);
  const perLayerTable = gguf.tensors.get('per_layer_token_embd.weight');
  return {
    weightsBytes: fileBytes + bytesOnTop(gguf),
    ...(perLayerTable === undefined ? {} : { unloadedBytes: perLayerTable.byteLength }),
    cacheBytesPerToken: cacheBytesPerToken(own, layers),
    workingBytes: Math.round(fileBytes * WORKING_SHARE) + outlineBytes(gguf) + states,
    graphicsBytes: graphicsBytes(widthsOf(gguf, own)) + states,
  };
}

/** An encoder keeps nothing between texts. */
function encoderNeeds(gguf: GgufFile, own: Own): MemoryNeeds {
  return {
    weightsBytes: encoderWeightBytes(gguf),
    cacheBytesPerToken: 0,
    ...encoderWorkingBytes(widthsOf(gguf, own)),
  };
}

/** The widest layer's, and no wider than a header may make them. */
function widthsOf({ tensors }: GgufFile, own: Own): ModelWidths {
  const most = (key: string, fallback: number) => {
    const value = own(key);
    const values = typeof value === 'object' ? Array.from(value as ArrayLike<unknown>, Number) : [numberOf(value)];
    const known = values.filter((one): one is number => Number.isFinite(one));
    return Math.min(MOST_WIDTH, known.length === 0 ? fallback : Math.max(...known));
  };
  const hidden = most('embedding_length', 0);
  const heads = Math.max(1, most('attention.head_count', 1));
  const headSize = Math.max(most('attention.key_length', hidden / heads), most('attention.value_length', 0));
  const widthOf = (name: string) => tensors.get(name)?.dimensions[1] ?? 0;
  // States and convolutions have projections of their own, which gate as well.
  const projections = ['attn_qkv', 'ssm_in', 'attn_gate', 'shortconv.in_proj'].map((part) =>
    Math.max(0, ...[...tensors.keys()].filter((name) => name.endsWith(`.${part}.weight`)).map(widthOf)),
  );
  const query = Math.max(heads * headSize, most('ssm.inner_size', 0), hidden);
  const keyValues = 2 * most('attention.head_count_kv', heads) * headSize;
  return {
    hidden,
    query,
    projected: Math.max(
      2 * query + keyValues,
      projections.reduce((sum, width) => sum + width, 0),
    ),
    feedForward: most('feed_forward_length', 0),
    layerInputs: tensors.get('per_layer_token_embd.weight')?.dimensions[0] ?? 0,
    vocabulary: widthOf('token_embd.weight'),
    headSize,
    contextLength: Math.min(MOST_WIDTH, numberOf(own('context_length')) ?? 1),
    hasExperts: (numberOf(own('expert_count')) ?? 0) > 0,
  };
}

/** Layers by what they carry beside keys and values, or instead of them. */
interface StatefulLayers {
  readonly states: number;
  /** Those with a state and no attention. */
  readonly withoutCache: number;
  readonly convolutions: number;
}

function layersOf(tensors: GgufFile['tensors']): StatefulLayers {
  let states = 0;
  let withoutCache = 0;
  let convolutions = 0;
  for (const name of tensors.keys()) {
    if (name.endsWith('.shortconv.conv.weight')) convolutions += 1;
    if (!name.endsWith('.ssm_out.weight')) continue;
    states += 1;
    if (!tensors.has(name.replace('ssm_out', 'attn_output'))) withoutCache += 1;
  }
  return { states, withoutCache, convolutions };
}

/** Bytes that one token of context takes over all layers. */
function cacheBytesPerToken(own: Own, { withoutCache }: StatefulLayers): number {
  const layers = (numberOf(own('block_count')) ?? 0) - (numberOf(own('attention.shared_kv_layers')) ?? 0);
  const heads = numberOf(own('attention.head_count')) ?? 1;
  const headSize = (numberOf(own('embedding_length')) ?? 0) / Math.max(1, heads);
  const key = numberOf(own('attention.key_length')) ?? headSize;
  const value = numberOf(own('attention.value_length')) ?? headSize;
  const slidingWidth =
    (numberOf(own('attention.key_length_swa')) ?? key) + (numberOf(own('attention.value_length_swa')) ?? value);
  // Families that mix kinds of layers say so layer by layer: 0 heads where nothing is kept.
  const keyValueHeads = own('attention.head_count_kv');
  const slides = own('attention.sliding_window_pattern');
  const makers = typeof keyValueHeads === 'object' ? layers : layers - withoutCache;
  let values = 0;
  for (let layer = 0; layer < Math.min(makers, MOST_LAYERS); layer++) {
    const width = itemOf(slides, layer) === true ? slidingWidth : key + value;
    values += Number(itemOf(keyValueHeads, layer) ?? numberOf(keyValueHeads) ?? heads) * width;
  }
  return Math.round(values * CACHE_VALUE_BYTES);
}

/** A list's item; undefined for what is no list. */
function itemOf(value: GgufValue | undefined, index: number): unknown {
  return typeof value === 'object' && 'length' in value ? (value as ArrayLike<unknown>)[index] : undefined;
}

/** Bytes of the states that layers carry from token to token, with those that are held so that a text can be cut. */
function stateBytes(own: Own, { states, convolutions }: StatefulLayers): number {
  const of = (key: string) => numberOf(own(key)) ?? 0;
  const inner = of('ssm.inner_size');
  const channels = inner + 2 * of('ssm.group_count') * of('ssm.state_size');
  const history = Math.max(0, of('ssm.conv_kernel') - 1);
  const one = states * 4 * (inner * of('ssm.state_size') + history * channels);
  const times = one === 0 ? 0 : Math.max(LEAST_STATES, Math.min(MOST_STATES, Math.floor(MOST_STATE_BYTES / one)));
  return one * times + convolutions * CONVOLUTION_POSITIONS * of('embedding_length') * 4;
}

function numberOf(value: GgufValue | undefined): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Everything under "tokenizer." but the chat templates, which are pinned on their own. */
function tokenizerEntries(metadata: GgufFile['metadata']): readonly (readonly [string, GgufValue])[] {
  return [...metadata]
    .filter(([key]) => key.startsWith('tokenizer.') && !key.startsWith('tokenizer.chat_template'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * SHA-256 over the tokenizer's metadata: for each key in order of its bytes, the key, a NUL, the value as JSON (lists as
 * arrays, whole numbers in decimal), and a line feed.
 */
export function tokenizerSha256Of(metadata: GgufFile['metadata']): Promise<string> {
  const lines = tokenizerEntries(metadata).map(([key, value]) => `${key}\0${jsonOf(value)}\n`);
  return sha256OfText(lines.join(''));
}

async function tokenizerFacts(metadata: GgufFile['metadata']): Promise<Record<string, string>> {
  const facts: Record<string, string> = {};
  for (const [key, value] of tokenizerEntries(metadata)) {
    const name = key.replace(/^tokenizer\.(ggml\.)?/, '');
    if (typeof value !== 'object') facts[name] = String(value).slice(0, 200);
    else if (value.length <= LONG_LIST) facts[name] = jsonOf(value).slice(0, 200);
    else facts[name] = `${value.length} entries, sha256 ${(await sha256OfText(jsonOf(value))).slice(0, 16)}`;
  }
  return facts;
}

function jsonOf(value: GgufValue): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const items = Array.from(value as ArrayLike<string | number | bigint | boolean>);
  return `[${items.map((item) => (typeof item === 'bigint' ? String(item) : JSON.stringify(item))).join(',')}]`;
}

/** Of the text's UTF-8 bytes, in lower-case hexadecimal. */
export async function sha256OfText(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}
