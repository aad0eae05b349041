/**
 * transformers.js on onnxruntime-web (WASM), inside a page of its own; weights in its own cache (Cache API).
 * Each function is sent to the page as text and uses nothing but its arguments and the page.
 * @typedef {import('./engine.mjs').Loaded} Loaded
 * @typedef {import('./engine.mjs').Completion} Completion
 */

/**
 * @param {{ name: string, precision: 'fp32' | 'int8', wantsStore: boolean }} options
 */
export async function prepareOnnx({ name, precision, wantsStore }) {
  // Mapped to the library's file by the page.
  const library = await import(/** @type {any} */ ('transformers'));
  const { env } = library;
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = '/onnx/';
  env.useBrowserCache = true;
  env.backends.onnx.wasm.wasmPaths = new URL('/ort/', document.baseURI).href;
  /** @type {{ library: any, name: string, precision: 'fp32' | 'int8', model: any }} */
  const handle = { library, name, precision, model: null };
  if (wantsStore) {
    const options = { dtype: precision, device: 'wasm' };
    await (await library.AutoModelForCausalLM.from_pretrained(name, options)).dispose();
  }
  return handle;
}

/** @typedef {Awaited<ReturnType<typeof prepareOnnx>>} OnnxHandle */

/**
 * @param {OnnxHandle} handle
 * @param {{ threads: number, contextLength: number }} options
 * @returns {Promise<Loaded>}
 */
export async function loadOnnx(handle, { threads }) {
  const { library, name, precision } = handle;
  await handle.model?.dispose();
  library.env.backends.onnx.wasm.numThreads = threads;
  const started = performance.now();
  handle.model = await library.AutoModelForCausalLM.from_pretrained(name, { dtype: precision, device: 'wasm' });
  return {
    loadMs: performance.now() - started,
    threads: library.env.backends.onnx.wasm.numThreads,
    description: `transformers.js ${library.env.version} on onnxruntime-web, WASM, ${precision}, random weights`,
    engineBytes: null,
    metadata: {},
  };
}

/**
 * The library keeps no cache between calls: every prompt is read anew.
 * @param {OnnxHandle} handle
 * @param {{ prompt: string, maxTokens: number }} request Words are taken for tokens: the weights are random.
 * @returns {Promise<Completion>}
 */
export async function completeWithOnnx({ library, model }, { prompt, maxTokens }) {
  const ids = prompt
    .trim()
    .split(' ')
    .map((_, index) => BigInt(1000 + ((index * 7919) % 40_000)));
  const input = (/** @type {bigint[]} */ values) => new library.Tensor('int64', values, [1, values.length]);
  const started = performance.now();
  /** @type {number[]} */
  const times = [];
  let calls = 0;
  await model.generate({
    input_ids: input(ids),
    attention_mask: input(ids.map(() => 1n)),
    max_new_tokens: maxTokens,
    min_new_tokens: maxTokens,
    do_sample: false,
    streamer: {
      // The first call brings the prompt.
      put: () => {
        calls += 1;
        if (calls > 1) times.push(performance.now());
      },
      end: () => {},
    },
  });
  const ended = performance.now();
  const first = times[0] ?? ended;
  return {
    promptTokens: ids.length,
    cachedTokens: 0,
    completionTokens: times.length,
    prefillTokensPerSecond: (1000 * ids.length) / (first - started),
    decodeTokensPerSecond: times.length > 1 ? (1000 * (times.length - 1)) / ((times.at(-1) ?? first) - first) : 0,
    firstTokenMs: first - started,
    wallMs: ended - started,
  };
}

/** @param {OnnxHandle} handle */
export async function unloadOnnx(handle) {
  await handle.model?.dispose();
  handle.model = null;
}
