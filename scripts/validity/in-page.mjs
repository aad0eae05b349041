/**
 * What runs inside the page. Sent there as text, so it may use nothing but its arguments and the page.
 * @typedef {import('../../src/client/index.ts').Sotto} Sotto
 */

/** @param {{ model: string }} request @returns {Promise<{ sotto: Sotto }>} */
export async function startInPage({ model }) {
  const library = await import(new URL('sotto.js', document.baseURI).href);
  /** @type {Sotto} */
  const sotto = await library.Sotto.create();
  await sotto.models.load(model);
  return { sotto };
}

/**
 * Asks once; gives back what the answer calls and what it cost.
 * @param {{ sotto: Sotto }} session
 * @param {{ model: string, question: string, tools: readonly object[], choice: 'auto' | 'required', seed: number }} request
 */
export async function callInPage({ sotto }, { model, question, tools, choice, seed }) {
  const completion = await sotto.chat.completions.create({
    model,
    messages: [{ role: 'user', content: question }],
    tools: /** @type {any} */ (tools),
    tool_choice: choice,
    parallel_tool_calls: false,
    max_tokens: 200,
    seed,
    stream: false,
  });
  const [answer] = completion.choices;
  return {
    calls: answer?.message.tool_calls?.map((call) => call.function) ?? [],
    finishReason: answer?.finish_reason ?? null,
    tokens: completion.usage.completion_tokens,
    timings: completion.timings,
  };
}
