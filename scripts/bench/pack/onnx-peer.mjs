/**
 * onnxruntime-web on WebGPU, with a decoder of the same shape that `scripts/bench/onnx-model.mjs` wrote: 4-bit linears, fused
 * attention and norms, the likeliest token chosen on the GPU, keys and values left there. Weights are random and made here.
 * @typedef {import('../../../src/bench/peers.ts').Peer} Peer
 * @typedef {import('../../../src/protocol/index.ts').BenchFigure} BenchFigure
 * @typedef {import('../onnx-model.mjs').Shape & { weights: readonly import('../onnx-model.mjs').RandomWeights[] }} Decoder
 */
import { DECODED_TOKENS, figureOf } from './figure.mjs';

const NAME = 'onnxruntime-web, WebGPU';
const FLOAT = 1;
/** A prime number of values, so that rows do not repeat. */
const RANDOM_VALUES = 1_000_003;

/** @type {Peer} */
export const onnxPeer = {
  name: NAME,
  measure: async ({ of }, { decodeAt, prefill, rounds }, onNews, signal) => {
    if (!('gpu' in navigator)) throw new Error('this browser offers no WebGPU');
    const at = (/** @type {string} */ name) => new URL(`./onnx/${name}`, import.meta.url).href;
    const answer = await fetch(at(`${of.shape}.json`));
    if (!answer.ok) throw new Error(`the pack holds no ONNX decoder of the shape ${of.shape}`);
    /** @type {Decoder} */
    const decoder = await answer.json();
    const ort = await import(at('ort.webgpu.bundle.min.mjs'));
    ort.env.wasm.wasmPaths = at('');
    ort.env.logLevel = 'error';
    onNews('…');
    const started = performance.now();
    const layers = Array.from({ length: decoder.layers }, (_, layer) => layer);
    const names = layers.flatMap((layer) => ['key', 'value'].map((kind) => `${layer}.${kind}`));
    const session = await ort.InferenceSession.create(at(`${of.shape}.onnx`), {
      executionProviders: ['webgpu'],
      externalData: [{ path: 'weights', data: randomWeights(decoder.weights) }],
      preferredOutputLocation: {
        token: 'cpu',
        ...Object.fromEntries(names.map((name) => [`present.${name}`, 'gpu-buffer'])),
      },
    });
    const loadMs = performance.now() - started;
    /** Keys and values so far, by their names; empty at first. @type {Map<string, any>} */
    let cache = new Map();
    let length = 0;
    const clear = () => {
      for (const tensor of cache.values()) tensor.dispose();
      const sizes = [1, decoder.kvHeads, 0, decoder.headSize];
      cache = new Map(names.map((name) => [name, new ort.Tensor('float32', new Float32Array(0), sizes)]));
      length = 0;
    };
    /** @param {readonly bigint[]} tokens @returns {Promise<bigint>} The likeliest next one. */
    const run = async (tokens) => {
      signal.throwIfAborted();
      length += tokens.length;
      const integers = (/** @type {readonly bigint[]} */ values) =>
        new ort.Tensor('int64', BigInt64Array.from(values), [1, values.length]);
      const results = await session.run({
        input_ids: integers(tokens),
        attention_mask: integers(Array.from({ length }, () => 1n)),
        ...Object.fromEntries(names.map((name) => [`past_key_values.${name}`, cache.get(name)])),
      });
      for (const tensor of cache.values()) tensor.dispose();
      cache = new Map(names.map((name) => [name, results[`present.${name}`]]));
      return results.token.data[0];
    };
    const promptOf = (/** @type {number} */ tokens) =>
      Array.from({ length: tokens }, (_, index) => BigInt((index * 7919 + tokens) % decoder.vocabulary));
    /** @param {number} tokens Tokens a second of a prompt, up to the token that follows it. */
    const prefillRate = async (tokens) => {
      clear();
      const begun = performance.now();
      await run(promptOf(tokens));
      return (1000 * tokens) / (performance.now() - begun);
    };
    /** @param {number} tokens Tokens a second of an answer behind so many tokens. */
    const decodeRate = async (tokens) => {
      clear();
      let token = await run(promptOf(tokens));
      const begun = performance.now();
      for (let step = 0; step < DECODED_TOKENS; step++) token = await run([token]);
      return (1000 * DECODED_TOKENS) / (performance.now() - begun);
    };
    try {
      await decodeRate(16);
      /** @type {BenchFigure[]} */
      const figures = [];
      for (const tokens of prefill) {
        await prefillRate(tokens);
        figures.push(await figureOf('prefill', tokens, rounds, () => prefillRate(tokens), onNews));
      }
      for (const tokens of decodeAt) {
        figures.push(await figureOf('decode', tokens, rounds, () => decodeRate(tokens), onNews));
      }
      return {
        engine: { peer: NAME },
        description: `onnxruntime-web ${ort.env.versions?.web ?? ''}, 4-bit linears, random weights`,
        model: `${of.shape} ${of.quantisation}`,
        loadMs,
        memoryBytes: null,
        figures,
        profile: null,
      };
    } finally {
      clear();
      await session.release();
    }
  },
};

/** @param {Decoder['weights']} weights One behind the other, as the graph names them. */
function randomWeights(weights) {
  const floats = Float32Array.from({ length: RANDOM_VALUES }, () => 2 * Math.random() - 1);
  const bytes = Uint8Array.from({ length: RANDOM_VALUES }, () => 256 * Math.random());
  const data = new Uint8Array(weights.reduce((sum, { bytes: size }) => sum + size, 0));
  let end = 0;
  for (const { type, bytes: size, scale } of weights) {
    const piece = type === FLOAT ? new Uint8Array(floats.map((value) => value * scale).buffer) : bytes;
    for (let done = 0; done < size; done += piece.length) {
      data.set(piece.subarray(0, Math.min(piece.length, size - done)), end + done);
    }
    end += size;
  }
  return data;
}
