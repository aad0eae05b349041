/**
 * The peer's side of the benchmark: llama.cpp compiled to WASM, through its own public API, with its own cache (OPFS).
 * Each function is sent to the page as text and uses nothing but its arguments and the page.
 * @typedef {import('./engine.mjs').Loaded} Loaded
 * @typedef {import('./engine.mjs').Completion} Completion
 * @typedef {import('@wllama/wllama/esm/index.js').Wllama} Wllama
 */

/**
 * Fetches the library, and puts the model into its cache.
 * @param {{ modelAddress: string, wantsStore: boolean }} options
 */
export async function prepareWllama({ modelAddress, wantsStore }) {
  const library = await import(new URL('/index.js', document.baseURI).href);
  const address = new URL(modelAddress, document.baseURI).href;
  /** @returns {Wllama} */
  const create = () =>
    new library.Wllama(
      { default: new URL('/wasm/wllama.wasm', document.baseURI).href },
      { logger: library.LoggerWithoutDebug, suppressNativeLog: true },
    );
  if (wantsStore) await create().modelManager.downloadModel(address);
  /** @type {{ create: () => Wllama, address: string, current: Wllama | null }} */
  const handle = { create, address, current: null };
  return handle;
}

/** @typedef {Awaited<ReturnType<typeof prepareWllama>>} WllamaHandle */

/**
 * @param {WllamaHandle} handle
 * @param {{ threads: number, contextLength: number }} options
 * @returns {Promise<Loaded>}
 */
export async function loadWllama(handle, { threads, contextLength }) {
  await handle.current?.exit();
  const wllama = handle.create();
  handle.current = wllama;
  const started = performance.now();
  await wllama.loadModelFromUrl(handle.address, {
    useCache: true,
    n_ctx: contextLength,
    n_threads: threads,
    n_gpu_layers: 0,
    n_parallel: 1,
    // A warm-up run belongs to neither load nor first token; without it both are measured as a visitor meets them.
    warmup: false,
  });
  return {
    loadMs: performance.now() - started,
    threads: wllama.isMultithread() ? wllama.getNumThreads() : 1,
    description: `wllama, llama.cpp in WebAssembly, ${wllama.isMultithread() ? 'multi' : 'single'}-thread build`,
    engineBytes: null,
    metadata: wllama.getModelMetadata().meta,
  };
}

/**
 * @param {WllamaHandle} handle
 * @param {{ prompt: string, maxTokens: number }} request
 * @returns {Promise<Completion>}
 */
export async function completeWithWllama(handle, { prompt, maxTokens }) {
  if (handle.current === null) throw new Error('no model is loaded');
  const started = performance.now();
  let firstTokenMs = 0;
  const stream = await handle.current.createCompletion({ prompt, max_tokens: maxTokens, temperature: 0, stream: true });
  /** @type {import('@wllama/wllama/esm/index.js').RawCompletionChunk | null} */
  let last = null;
  for await (const chunk of stream) {
    if (firstTokenMs === 0 && chunk.choices[0]?.text) firstTokenMs = performance.now() - started;
    if (chunk.timings) last = chunk;
  }
  const timings = last?.timings;
  if (timings === undefined) throw new Error('the answer ended without its timings');
  return {
    promptTokens: timings.prompt_n + timings.cache_n,
    cachedTokens: timings.cache_n,
    completionTokens: timings.predicted_n,
    prefillTokensPerSecond: timings.prompt_per_second,
    decodeTokensPerSecond: timings.predicted_per_second,
    firstTokenMs,
    wallMs: performance.now() - started,
  };
}

/** @param {WllamaHandle} handle */
export async function unloadWllama(handle) {
  await handle.current?.exit();
  handle.current = null;
}
