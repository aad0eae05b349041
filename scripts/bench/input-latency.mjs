/** Tokens that an engine reads meanwhile. */
const TOKENS = 4_000;
/** Read again and again for about so long, so that there are presses enough to speak of a 95th percentile. */
const READING_MS = 8_000;
const PAUSE_MS = 50;
/** What the browser reports of events at least; what is shorter counts as this. */
const SHORTEST_MS = 16;

/**
 * Presses keys while an engine reads a long prompt, and takes from the browser how long each one took up to the next frame
 * (Event Timing, by which interaction to next paint is measured too; whole multiples of 8 ms).
 * @param {import('playwright').Page} page The benchmark page, idle.
 * @param {{ model: string, engine: string, slowdown: number }} wish `slowdown`: the page's own thread gets one part of so many of
 *   a processor, as on a slow machine.
 */
export async function measureInputLatency(page, { model, engine, slowdown }) {
  const read = (/** @type {number} */ rounds) =>
    page.evaluate((wish) => /** @type {any} */ (globalThis).sottoBench.run(wish), {
      model,
      engines: [engine],
      peers: [],
      plan: { prefill: [TOKENS], decodeAt: [], rounds, patienceMs: 60_000 },
    });
  const report = await read(1);
  const column = report.columns.find((/** @type {{ engine: unknown }} */ one) => one.engine === engine);
  const rate = column?.figures.find(
    (/** @type {{ tokens: number }} */ { tokens }) => tokens === TOKENS,
  )?.tokensPerSecond;
  const rounds = Math.max(1, Math.round(READING_MS / ((1000 * TOKENS) / (rate ?? TOKENS))));
  await page.evaluate((shortest) => {
    /** @type {number[]} */
    const durations = [];
    Object.assign(globalThis, { keyDurations: durations });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'keydown') durations.push(entry.duration);
    }).observe(/** @type {any} */ ({ type: 'event', durationThreshold: shortest }));
    // A page that answers: each key changes what is drawn.
    document.addEventListener('keydown', () => {
      document.documentElement.style.outline = `${1 + (durations.length % 2)}px solid transparent`;
    });
  }, SHORTEST_MS);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  let isReading = true;
  const reading = read(rounds).finally(() => {
    isReading = false;
  });
  let inputs = 0;
  while (isReading) {
    await page.keyboard.press('Shift');
    inputs += 1;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  await reading;
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await devtools.detach();
  const long = await page.evaluate(() => /** @type {any} */ (globalThis).keyDurations);
  /** @type {number[]} */
  const all = [...long, ...Array.from({ length: Math.max(0, inputs - long.length) }, () => SHORTEST_MS)];
  all.sort((a, b) => a - b);
  return {
    tokens: TOKENS,
    slowdown,
    inputs,
    p95Ms: all[Math.min(all.length - 1, Math.floor(0.95 * all.length))] ?? null,
    worstMs: all.at(-1) ?? null,
  };
}
