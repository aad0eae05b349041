/**
 * @typedef {import('../../../src/bench/peers.ts').Peer} Peer
 * @typedef {import('../../../src/protocol/index.ts').BenchFigure} BenchFigure
 */
import { DECODED_TOKENS, figureOf } from './figure.mjs';

/**
 * llama.cpp in WebAssembly, with its WebGPU backend where the browser has WebGPU and JSPI.
 * @param {boolean} usesGpu
 * @returns {Peer}
 */
export const wllamaPeer = (usesGpu) => ({
  name: `wllama, ${usesGpu ? 'WebGPU' : 'processor'}`,
  measure: async ({ file, of }, { decodeAt, prefill, rounds }, onNews, signal) => {
    const library = await import(new URL('./wllama/index.js', import.meta.url).href);
    if (usesGpu && !('gpu' in navigator)) throw new Error('this browser offers no WebGPU');
    /** @type {import('@wllama/wllama/esm/index.js').Wllama} */
    const wllama = new library.Wllama(
      { default: new URL('./wllama/wllama.wasm', import.meta.url).href },
      { logger: library.LoggerWithoutDebug, suppressNativeLog: true },
    );
    try {
      onNews('…');
      const started = performance.now();
      const context = Math.max(...decodeAt, ...prefill) + DECODED_TOKENS + 64;
      await wllama.loadModel([file], { n_ctx: context, n_parallel: 1, warmup: false, n_gpu_layers: usesGpu ? 999 : 0 });
      const loadMs = performance.now() - started;
      let variant = 0;
      /** @param {number} tokens @param {number} answer */
      const complete = async (tokens, answer) => {
        signal.throwIfAborted();
        variant += 1;
        // The vocabulary has a token for each byte, and nothing joins them; no two prompts begin alike.
        const prompt = `${String.fromCharCode(97 + (variant % 26))}${'ab'.repeat(tokens)}`.slice(0, tokens);
        const stream = await wllama.createCompletion({ prompt, max_tokens: answer, temperature: 0, stream: true });
        let timings = null;
        for await (const chunk of stream) timings = chunk.timings ?? timings;
        if (timings === null) throw new Error('the answer ended without its timings');
        return timings;
      };
      await complete(16, 8);
      /** @type {BenchFigure[]} */
      const figures = [];
      for (const tokens of prefill) {
        const rate = async () => (await complete(tokens, 1)).prompt_per_second;
        figures.push(await figureOf('prefill', tokens, rounds, rate, onNews));
      }
      for (const tokens of decodeAt) {
        const rate = async () => (await complete(tokens, DECODED_TOKENS)).predicted_per_second;
        figures.push(await figureOf('decode', tokens, rounds, rate, onNews));
      }
      return {
        engine: { peer: `wllama, ${usesGpu ? 'WebGPU' : 'processor'}` },
        description: `llama.cpp in WebAssembly, ${wllama.isMultithread() ? `${wllama.getNumThreads()} threads` : 'one thread'}`,
        model: `${of.shape} ${of.quantisation}`,
        loadMs,
        memoryBytes: null,
        figures,
        profile: null,
      };
    } finally {
      await wllama.exit();
    }
  },
});
