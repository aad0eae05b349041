/**
 * Sotto's side of the benchmark, inside a page of the product's origin under the production headers.
 * Each function is sent to the page as text and uses nothing but its arguments and the page.
 * @typedef {import('./engine.mjs').Loaded} Loaded
 * @typedef {import('./engine.mjs').Completion} Completion
 */

/**
 * Fetches the library, and makes sure that the model is stored: what is measured later is a load from IndexedDB.
 * @param {{ modelId: string, wantsStore: boolean }} options
 */
export async function prepareSotto({ modelId, wantsStore }) {
  const library = await import(new URL('sotto.js', document.baseURI).href);
  /** @type {import('../../src/client/index.ts').Sotto} */
  const sotto = await library.Sotto.create();
  if (wantsStore) await sotto.models.load(modelId, { backend: 'cpu' });
  return { sotto, modelId };
}

/** @typedef {Awaited<ReturnType<typeof prepareSotto>>} SottoHandle */

/**
 * @param {SottoHandle} handle
 * @param {{ threads: number, contextLength: number }} options
 * @returns {Promise<Loaded>}
 */
export async function loadSotto({ sotto, modelId }, { threads, contextLength }) {
  await sotto.models.unload();
  const started = performance.now();
  const model = await sotto.models.load(modelId, { backend: 'cpu', threads, contextLength });
  return {
    loadMs: performance.now() - started,
    threads: model.threads,
    description: model.backendDescription,
    engineBytes: model.memoryBytes,
    metadata: {},
  };
}

/**
 * @param {SottoHandle} handle
 * @param {import('./engine.mjs').CompletionRequest} request
 * @returns {Promise<Completion>}
 */
export async function completeWithSotto({ sotto, modelId }, { prompt, maxTokens, speculation = 'off' }) {
  const started = performance.now();
  let firstTokenMs = 0;
  const stream = await sotto.completions.create({
    model: modelId,
    prompt,
    max_tokens: maxTokens,
    temperature: 0,
    repetition_penalty: 1,
    speculation,
    stream: true,
  });
  for await (const { choices, timings } of stream) {
    if (firstTokenMs === 0 && choices[0]?.text) firstTokenMs = performance.now() - started;
    if (timings !== undefined) {
      return {
        promptTokens: timings.promptTokens,
        cachedTokens: timings.cachedTokens,
        completionTokens: timings.completionTokens,
        prefillTokensPerSecond: timings.prefillTokensPerSecond,
        decodeTokensPerSecond: timings.decodeTokensPerSecond,
        firstTokenMs,
        wallMs: performance.now() - started,
      };
    }
  }
  throw new Error('the answer ended without its timings');
}

/** @param {SottoHandle} handle */
export async function unloadSotto({ sotto }) {
  await sotto.models.unload();
}

/** @param {SottoHandle} handle @param {string} prompt */
export async function keepTextWithSotto({ sotto, modelId }, prompt) {
  await sotto.sessions.save({ model: modelId, name: 'bench', prompt });
}

/** @param {SottoHandle} handle */
export async function forgetTextsOfSotto({ sotto }) {
  await sotto.sessions.clear();
}
