/**
 * Runs in the page; sent there as text, so it may use nothing but its arguments and the page.
 * @param {readonly [fileName: string, base64: string]} document
 * @returns {Promise<{ chunks?: { text: string, page: number | null, headings: string[] }[], problem?: string }>}
 */
export async function passagesInPage([fileName, base64]) {
  try {
    const data = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const { chunks } = await /** @type {any} */ (globalThis).sotto.retrieval.read(new File([data], fileName));
    return {
      chunks: chunks.map((/** @type {any} */ { text, page, headings }) => ({ text, page, headings: [...headings] })),
    };
  } catch (/** @type {any} */ error) {
    return { problem: String(error?.message ?? error) };
  }
}

/**
 * Unit vectors of passages, one after the other.
 * @param {readonly string[]} texts
 * @returns {Promise<{ values: number[], dimensions: number }>}
 */
export async function vectorsInPage(texts) {
  const result = await /** @type {any} */ (globalThis).sotto.embeddings.vectors(texts, { truncate: 'end' });
  return { values: [...result.vectors], dimensions: result.dimensions };
}
