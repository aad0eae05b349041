/**
 * What runs inside the page. Each function is sent there as text, so it may use nothing but its arguments and the page.
 * Failures come back as values: an error that crosses to Node by itself would lose its code.
 * @typedef {import('../../src/client/index.ts').Sotto} Sotto
 * @typedef {import('../../src/client/index.ts').ReadyModel} ReadyModel
 * @typedef {{ code: string, message: string, userAction: string }} AskError
 * @typedef {{ name: string, scale: number }[] | null} AdapterChoice
 * @typedef {{ sotto: Sotto, model: ReadyModel, adapter: AdapterChoice, toAskError: (error: unknown) => AskError }} AskSession
 */

/**
 * Loads the library of this very origin and a model.
 * @param {{ model: string | null, adapter: number | null, load: object }} request `model` null: the files chosen in the
 * page's first input. `adapter`: how strongly the one of the second input is used.
 * @returns {Promise<AskSession | { error: AskError }>}
 */
export async function loadInPage({ model, adapter, load }) {
  /** @param {any} error @returns {AskError} */
  const toAskError = (error) => ({
    code: error?.code && typeof error.code === 'string' ? error.code : 'internal',
    message: String(error?.message ?? error),
    userAction: error?.userAction ?? 'This is a fault in Sotto. Please report it with the message.',
  });
  try {
    // Through a variable: the address belongs to the page, not to this file.
    const address = new URL('sotto.js', document.baseURI).href;
    const library = await import(address);
    /** @type {Sotto} */
    const sotto = await library.Sotto.create();
    const [models, adapters] = [...document.querySelectorAll('input')].map(({ files }) => [...(files ?? [])]);
    const source = model ?? models ?? [];
    const report = /** @type {{ reportProgress?: (event: object) => void }} */ (globalThis).reportProgress;
    const loaded = await sotto.models.load(source, { ...load, onProgress: (event) => report?.(event) });
    const file = adapters?.[0];
    if (adapter === null || file === undefined) return { sotto, model: loaded, adapter: null, toAskError };
    await sotto.models.loadAdapter(file.name, file);
    return { sotto, model: loaded, adapter: [{ name: file.name, scale: adapter }], toAskError };
  } catch (error) {
    return { error: toAskError(error) };
  }
}

/**
 * Asks one question; pieces of the answer go to `reportText` of the page as they come.
 * @param {AskSession} session
 * @param {{ question: import('./options.mjs').Question, isRaw: boolean, sampling: object }} request
 */
export async function answerInPage({ sotto, model, adapter, toAskError }, { question, isRaw, sampling }) {
  const report = /** @type {{ reportText?: (text: string) => void }} */ (globalThis).reportText;
  try {
    const system =
      question.system === undefined ? [] : [{ role: /** @type {const} */ ('system'), content: question.system }];
    const messages = [...system, { role: /** @type {const} */ ('user'), content: question.prompt }];
    const shared = { model: model.id, adapter, stream: /** @type {const} */ (true), ...sampling };
    const stream = isRaw
      ? await sotto.completions.create({ ...shared, prompt: question.prompt })
      : await sotto.chat.completions.create({ ...shared, messages });
    let text = '';
    let reasoning = '';
    for await (const chunk of stream) {
      const choice = chunk.choices[0];
      const piece = choice === undefined ? '' : 'text' in choice ? choice.text : (choice.delta.content ?? '');
      text += piece;
      if (choice !== undefined && 'delta' in choice) reasoning += choice.delta.reasoning_content ?? '';
      if (piece !== '') report?.(piece);
      const { timings, sotto: extras } = chunk;
      if (timings === undefined || extras === undefined) continue;
      return {
        answer: {
          text,
          // What a model thought before it answered, where it did.
          ...(reasoning === '' ? {} : { reasoning }),
          tokenIds: extras.tokenIds,
          promptTokenIds: extras.promptTokenIds,
          finishReason: choice?.finish_reason ?? null,
          backend: model.backend,
          threads: model.threads,
          model: model.id,
          timings: {
            loadMs: model.loadMs,
            firstTokenMs: timings.firstTokenMs,
            prefillTokensPerSecond: timings.prefillTokensPerSecond,
            decodeTokensPerSecond: timings.decodeTokensPerSecond,
          },
        },
      };
    }
    throw new Error('the answer ended without its last chunk');
  } catch (error) {
    return { error: toAskError(error) };
  }
}
