import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Memory of a renderer process as Linux accounts it; null elsewhere.
 * @param {number | null} processId
 * @returns {{ nowBytes: number, peakBytes: number } | null} Resident now, and the most there ever was.
 */
export function processMemory(processId) {
  if (processId === null) return null;
  try {
    const status = readFileSync(`/proc/${processId}/status`, 'utf8');
    const kilobytes = (/** @type {string} */ name) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    const [now, peak] = [kilobytes('VmRSS'), kilobytes('VmHWM')];
    return Number.isFinite(now) && Number.isFinite(peak) ? { nowBytes: now * 1024, peakBytes: peak * 1024 } : null;
  } catch {
    return null;
  }
}

/**
 * Begins the peak anew: a renderer may have served another page before (see clear_refs in proc(5)).
 * @param {number | null} processId
 */
export function resetPeak(processId) {
  try {
    if (processId !== null) writeFileSync(`/proc/${processId}/clear_refs`, '5');
  } catch {
    // Not Linux, or not allowed: the peak is then that of the whole life of the process, which is never too low.
  }
}

/**
 * The process a page renders in. Chromium does not tell it, so the page is kept busy for a moment and the renderer
 * whose processor time grew the most is the one.
 * @param {import('playwright').Page} page
 * @param {import('playwright').CDPSession} browser A session of the browser itself.
 * @returns {Promise<number | null>}
 */
export async function rendererOf(page, browser) {
  const times = async () => {
    const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  // On a busy machine one attempt may get too little processor time to stand out.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const before = await times();
    await page.evaluate(() => {
      const end = performance.now() + 400;
      while (performance.now() < end);
    });
    const grown = [...(await times())].map(([id, time]) => ({ id, seconds: time - (before.get(id) ?? 0) }));
    const [busiest, next] = grown.sort((a, b) => b.seconds - a.seconds);
    if (busiest !== undefined && busiest.seconds > 0.05 + 3 * (next?.seconds ?? 0)) return busiest.id;
  }
  return null;
}

/**
 * Bytes of an int8 KV cache with one f32 scale a head and position, from a GGUF file's metadata.
 * @param {Record<string, string>} metadata
 * @param {number} contextLength
 * @returns {number | null}
 */
export function cacheBytes(metadata, contextLength) {
  const architecture = metadata['general.architecture'];
  const number = (/** @type {string} */ key) => Number(metadata[`${architecture}.${key}`]);
  const layers = number('block_count');
  const heads = number('attention.head_count_kv');
  const headSize = number('attention.key_length') || number('embedding_length') / number('attention.head_count');
  const bytes = layers * 2 * heads * (headSize + 4) * contextLength;
  return Number.isFinite(bytes) ? bytes : null;
}
