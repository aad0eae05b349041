import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

/**
 * Builds an ONNX decoder with random weights in the shape of a llama model, in the form that published exports have:
 * fused attention with a KV cache, fused norms, logits of the last token only. Speed does not depend on the weights' values.
 * Field numbers are those of onnx.proto3; operators are those of onnxruntime's contributed domain.
 */

/** SmolLM2-135M's. */
export const SHAPE = {
  layers: 30,
  hidden: 576,
  feedForward: 1536,
  heads: 9,
  kvHeads: 3,
  headSize: 64,
  vocabulary: 49_152,
  context: 8192,
};

/** @typedef {typeof SHAPE} Shape */
/** `q4`: linears in 4 bits, blocks of 32, as exports for WebGPU have them. @typedef {'fp32' | 'int8' | 'q4'} Precision */
/** @typedef {{ type: number, bytes: number, scale: number }} RandomWeights */

const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const INT32 = 6;
const INT64 = 7;
/** Bytes of a type's values. */
const SIZES = new Map([
  [FLOAT, 4],
  [UINT8, 1],
  [INT8, 1],
]);

/** @param {number | bigint} value @returns {Buffer} */
function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A field: a number, or bytes (text, a nested message) behind their length. @param {number} id @param {number | string | Buffer} value */
function field(id, value) {
  if (typeof value === 'number') return Buffer.concat([varint(id << 3), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes]);
}

/** @param {readonly Buffer[]} fields */
const message = (...fields) => Buffer.concat(fields);

/** @param {string} name @param {number} value An attribute of a node: whole, or a fraction where `isFloat`. */
function attribute(name, value, isFloat = false) {
  if (!isFloat) return field(5, message(field(1, name), field(3, value), field(20, 2)));
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return field(5, message(field(1, name), varint((2 << 3) | 5), bytes, field(20, 1)));
}

/** @param {string} name @param {number} type @param {readonly (string | number)[]} dimensions */
function valueInfo(name, type, dimensions) {
  const shape = dimensions.map((size) => field(1, typeof size === 'number' ? field(1, size) : field(2, size)));
  return message(field(1, name), field(2, field(1, message(field(1, type), field(2, message(...shape))))));
}

/** Collects a graph; large weights go to a file beside it. */
class Graph {
  /** @type {Buffer[]} */ nodes = [];
  /** @type {Buffer[]} */ initializers = [];
  /** @type {RandomWeights[]} */ weights = [];
  #offset = 0;
  #count = 0;

  /**
   * @param {string} op
   * @param {readonly string[]} inputs
   * @param {{ outputs?: readonly string[], domain?: string, attributes?: readonly Buffer[] }} [options]
   * @returns {string} The first output.
   */
  node(op, inputs, { outputs = [`v${this.#count++}`], domain = '', attributes = [] } = {}) {
    const fields = [...inputs.map((name) => field(1, name)), ...outputs.map((name) => field(2, name))];
    this.nodes.push(field(1, message(...fields, field(4, op), ...attributes, ...(domain ? [field(7, domain)] : []))));
    return outputs[0] ?? '';
  }

  /** @param {number} type @param {readonly number[]} dimensions @param {Buffer} bytes A small constant, in the graph itself. */
  constant(type, dimensions, bytes) {
    const name = `c${this.#count++}`;
    const sizes = dimensions.map((size) => field(1, size));
    this.initializers.push(field(5, message(...sizes, field(2, type), field(8, name), field(9, bytes))));
    return name;
  }

  /** @param {readonly number[]} values */
  floats(values) {
    return this.constant(FLOAT, [values.length], Buffer.from(Float32Array.from(values).buffer));
  }

  /** @param {readonly number[]} values */
  integers(values) {
    return this.constant(INT64, [values.length], Buffer.from(BigInt64Array.from(values.map(BigInt)).buffer));
  }

  /** @param {number} type @param {readonly number[]} dimensions @param {number} scale Of the random values. */
  weight(type, dimensions, scale) {
    const name = `w${this.#count++}`;
    const bytes = dimensions.reduce((product, size) => product * size, SIZES.get(type) ?? 4);
    const external = [
      ['location', 'DATA'],
      ['offset', String(this.#offset)],
      ['length', String(bytes)],
    ].map(([key = '', value = '']) => field(13, message(field(1, key), field(2, value))));
    const sizes = dimensions.map((size) => field(1, size));
    this.initializers.push(field(5, message(...sizes, field(2, type), field(8, name), ...external, field(14, 1))));
    this.weights.push({ type, bytes, scale });
    this.#offset += bytes;
    return name;
  }
}

const MICROSOFT = { domain: 'com.microsoft' };

/** A linear layer, prepared activations → rows. @typedef {(columns: number, rows: number) => string} Linear */

/** @param {Graph} graph @param {Precision} precision @param {string} x @returns {Linear} What several layers that read x have in common. */
function linearsOf(graph, precision, x) {
  if (precision === 'fp32') {
    return (columns, rows) => graph.node('MatMul', [x, graph.weight(FLOAT, [columns, rows], 1 / Math.sqrt(columns))]);
  }
  if (precision === 'q4') {
    return (columns, rows) => {
      const blocks = columns / 32;
      const quants = graph.weight(UINT8, [rows, blocks, 16], 255);
      const scales = graph.weight(FLOAT, [rows * blocks], 1 / (8 * Math.sqrt(columns)));
      const sizes = { K: columns, N: rows, bits: 4, block_size: 32 };
      const attributes = Object.entries(sizes).map(([name, value]) => attribute(name, value));
      return graph.node('MatMulNBits', [x, quants, scales], { ...MICROSOFT, attributes });
    };
  }
  const names = ['q', 's', 'z'].map((part) => `${x}_${part}`);
  graph.node('DynamicQuantizeLinear', [x], { outputs: names });
  const [quants = '', scale = '', zero = ''] = names;
  return (columns, rows) => {
    const weights = graph.weight(INT8, [columns, rows], 127);
    const step = graph.floats([1 / (127 * Math.sqrt(columns))]);
    return graph.node('MatMulIntegerToFloat', [quants, weights, scale, step, zero], MICROSOFT);
  };
}

/** @param {Graph} graph @param {Precision} precision @param {Shape} shape */
function embeddingOf(graph, precision, { vocabulary, hidden }) {
  if (precision !== 'int8') return graph.node('Gather', [graph.weight(FLOAT, [vocabulary, hidden], 1), 'input_ids']);
  const quants = graph.node('Gather', [graph.weight(UINT8, [vocabulary, hidden], 127), 'input_ids']);
  const scale = graph.constant(FLOAT, [], Buffer.from(Float32Array.of(1 / 64).buffer));
  return graph.node('DequantizeLinear', [quants, scale, graph.constant(UINT8, [], Buffer.from([128]))]);
}

/**
 * @param {Precision} precision
 * @param {Shape} shape
 * @param {boolean} choosesToken Whether the graph gives the likeliest token instead of the logits.
 */
function buildGraph(precision, shape, choosesToken) {
  const { layers, hidden, feedForward, heads, kvHeads, headSize, vocabulary, context } = shape;
  const graph = new Graph();
  const ones = graph.floats(Array.from({ length: hidden }, () => 1));
  const epsilon = attribute('epsilon', 1e-5, true);
  const lengths = graph.node('ReduceSum', ['attention_mask', graph.integers([1])], {
    attributes: [attribute('keepdims', 0)],
  });
  const toInt32 = { attributes: [attribute('to', INT32)] };
  const last = graph.node('Cast', [graph.node('Sub', [lengths, graph.integers([1])])], toInt32);
  const total = graph.constant(INT64, [], Buffer.from(BigInt64Array.of(1n).buffer));
  const totalLength = graph.node(
    'Cast',
    [graph.node('Gather', [graph.node('Shape', ['attention_mask']), total])],
    toInt32,
  );
  const angles = Array.from({ length: (context * headSize) / 2 }, (_, index) => {
    const [position, pair] = [Math.floor(index / (headSize / 2)), index % (headSize / 2)];
    return position * 10_000 ** ((-2 * pair) / headSize);
  });
  const table = (/** @type {(angle: number) => number} */ of) =>
    graph.constant(FLOAT, [context, headSize / 2], Buffer.from(Float32Array.from(angles.map(of)).buffer));
  const [cosines, sines] = [table(Math.cos), table(Math.sin)];

  let x = embeddingOf(graph, precision, shape);
  let y = graph.node('SimplifiedLayerNormalization', [x, ones], { attributes: [epsilon, attribute('axis', -1)] });
  const addAndNorm = (/** @type {string} */ added) => {
    const outputs = [`${added}_n`, '', '', `${added}_x`];
    y = graph.node('SkipSimplifiedLayerNormalization', [x, added, ones], {
      ...MICROSOFT,
      outputs,
      attributes: [epsilon],
    });
    x = outputs[3] ?? '';
  };
  const cache = [];
  for (let layer = 0; layer < layers; layer += 1) {
    const projections = linearsOf(graph, precision, y);
    const [q, k, v] = [heads, kvHeads, kvHeads].map((count) => projections(hidden, count * headSize));
    const past = ['key', 'value'].map((kind) => `past_key_values.${layer}.${kind}`);
    const present = ['key', 'value'].map((kind) => `present.${layer}.${kind}`);
    cache.push({ past, present });
    const attention = graph.node(
      'GroupQueryAttention',
      [q ?? '', k ?? '', v ?? '', ...past, last, totalLength, cosines, sines],
      {
        ...MICROSOFT,
        outputs: [`attention${layer}`, ...present],
        attributes: [attribute('num_heads', heads), attribute('kv_num_heads', kvHeads), attribute('do_rotary', 1)],
      },
    );
    addAndNorm(linearsOf(graph, precision, attention)(heads * headSize, hidden));
    const lifts = linearsOf(graph, precision, y);
    const [gate, up] = [lifts(hidden, feedForward), lifts(hidden, feedForward)];
    const silu = graph.node('Mul', [gate, graph.node('Sigmoid', [gate])]);
    addAndNorm(linearsOf(graph, precision, graph.node('Mul', [silu, up]))(feedForward, hidden));
  }
  const bounds = [-1, 2 ** 31, 1].map((bound) => graph.integers([bound]));
  const final = graph.node('Slice', [y, ...bounds]);
  const logits = linearsOf(graph, precision, final)(hidden, vocabulary);
  if (choosesToken) {
    const attributes = [attribute('axis', -1), attribute('keepdims', 0)];
    graph.node('ArgMax', [logits], { outputs: ['token'], attributes });
  } else {
    graph.node('Identity', [logits], { outputs: ['logits'] });
  }

  const kv = (/** @type {string} */ name, /** @type {string} */ length) =>
    valueInfo(name, FLOAT, ['batch_size', kvHeads, length, headSize]);
  const inputs = [
    valueInfo('input_ids', INT64, ['batch_size', 'length']),
    valueInfo('attention_mask', INT64, ['batch_size', 'total']),
    ...cache.flatMap(({ past }) => past.map((name) => kv(name, 'past'))),
  ];
  const outputs = [
    choosesToken
      ? valueInfo('token', INT64, ['batch_size', 1])
      : valueInfo('logits', FLOAT, ['batch_size', 1, vocabulary]),
    ...cache.flatMap(({ present }) => present.map((name) => kv(name, 'total'))),
  ];
  return { graph, inputs, outputs };
}

/**
 * A model's file, and what the random weights beside it are, one behind the other.
 * @param {Precision} precision
 * @param {Shape} shape
 * @param {{ location: string, choosesToken?: boolean }} options `location`: the name of the file with the weights.
 */
export function onnxModel(precision, shape, { location, choosesToken = false }) {
  const { graph, inputs, outputs } = buildGraph(precision, shape, choosesToken);
  const located = graph.initializers.map((bytes) => withLocation(bytes, location));
  const body = message(
    ...graph.nodes,
    field(2, 'decoder'),
    ...located,
    ...inputs.map((info) => field(11, info)),
    ...outputs.map((info) => field(12, info)),
  );
  const opsets = [
    ['', 21],
    ['com.microsoft', 1],
  ].map(([domain = '', version = 1]) => field(8, message(field(1, String(domain)), field(2, Number(version)))));
  return { bytes: message(field(1, 10), field(7, body), ...opsets), weights: graph.weights };
}

/**
 * Writes the model as transformers.js expects it, unless it is there: `DIRECTORY/NAME/{config.json, onnx/…}`.
 * @param {string} directory
 * @param {'fp32' | 'int8'} precision
 * @param {Shape} [shape]
 * @returns {Promise<string>} The model's name.
 */
export async function writeOnnxModel(directory, precision, shape = SHAPE) {
  const name = `decoder-${precision}`;
  const folder = join(directory, name);
  const file = precision === 'fp32' ? 'model.onnx' : 'model_int8.onnx';
  const path = join(folder, 'onnx', file);
  if (existsSync(path)) return name;
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const { bytes, weights } = onnxModel(precision, shape, { location: `${file}_data` });
  await writeWeights(`${path}_data`, weights);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(shape)));
  writeFileSync(join(folder, 'generation_config.json'), '{}');
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
  return name;
}

/** The name of the data file, where the graph was built without knowing it. @param {Buffer} bytes @param {string} location */
function withLocation(bytes, location) {
  const unknown = field(13, message(field(1, 'location'), field(2, 'DATA')));
  const at = bytes.indexOf(unknown);
  if (at === -1) return bytes;
  const known = field(13, message(field(1, 'location'), field(2, location)));
  const tag = 1;
  const lengthBytes = bytes.findIndex((byte, index) => index >= tag && byte < 128) + 1 - tag;
  const content = Buffer.concat([bytes.subarray(tag + lengthBytes, at), known, bytes.subarray(at + unknown.length)]);
  return field(5, content);
}

/** @param {string} path @param {readonly RandomWeights[]} weights */
async function writeWeights(path, weights) {
  // A prime number of values, so that rows do not repeat; seeded, so that every run has the same file.
  let state = 1;
  const random = Array.from({ length: 1_000_003 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  /** @type {Map<string, Buffer>} */
  const blocks = new Map();
  const blockOf = (/** @type {number} */ type, /** @type {number} */ scale) => {
    const known = blocks.get(`${type} ${scale}`);
    if (known !== undefined) return known;
    const values =
      type === FLOAT
        ? Float32Array.from(random, (value) => value * scale)
        : Int8Array.from(random, (value) => value * scale);
    const block = Buffer.from(values.buffer);
    blocks.set(`${type} ${scale}`, block);
    return block;
  };
  const stream = createWriteStream(path);
  for (const { type, bytes, scale } of weights) {
    const block = blockOf(type, scale);
    for (let done = 0; done < bytes; done += block.length) {
      const piece = block.subarray(0, Math.min(block.length, bytes - done));
      if (!stream.write(piece)) await once(stream, 'drain');
    }
  }
  stream.end();
  await finished(stream);
}

/** @param {Shape} shape */
function configOf({ layers, hidden, feedForward, heads, kvHeads, headSize, vocabulary, context }) {
  return {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    num_hidden_layers: layers,
    hidden_size: hidden,
    intermediate_size: feedForward,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    head_dim: headSize,
    vocab_size: vocabulary,
    max_position_embeddings: context,
    'transformers.js_config': { use_external_data_format: { 'model.onnx': 1, 'model_int8.onnx': 1 } },
  };
}
