/**
 * Times attention of the queries of one KV head over its keys and values, one thread, inside a page. Sent there as text.
 * @param {{ wasm: string, segment: number, megabytes: number, rounds: number }} options `wasm`: address of an unshared build;
 *   `segment`: positions that are attended to at a time.
 * @returns {Promise<{ name: string, rates: number[], gigabytes: number[] }[]>} For each kind of cache GMAC/s, and GB/s of keys
 *   and values that are read. One entry a round, kinds in turns.
 */
export async function timeAttention({ wasm, segment, megabytes, rounds }) {
  const module = await WebAssembly.compileStreaming(fetch(wasm));
  const bytes = megabytes * 2 ** 20;
  const memory = new WebAssembly.Memory({ initial: megabytes * 16 + 16, maximum: 65_536 });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const { quantiseQuery, attend, scaleQuery, attendFloat } = /** @type {any} */ (exports);
  const cache = 1 << 16;
  const words = new Uint32Array(memory.buffer, cache, bytes / 4);
  // Sound as half floats and as floats, and of any sign as bytes.
  for (let index = 0, state = 1; index < words.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = 0x3c003c00 | (state & 0x80ff80ff);
  }
  // The embedded model's: three queries to a head of 64 values, 4,096 positions.
  const [queries, size, positions] = [3, 64, 4096];
  const x = cache + bytes;
  const [query, scales, scores, weights, out, stats] = [4096, 8192, 12_288, 16_384, 20_480, 24_576].map((at) => x + at);
  const kinds = [
    { name: 'int8', value: 1, scale: 4 },
    { name: 'f16', value: 2, scale: 0 },
    { name: 'f32', value: 4, scale: 0 },
  ].map((kind) => ({ ...kind, headBytes: positions * 2 * (size * kind.value + kind.scale) }));
  const results = kinds.map(({ name }) => ({ name, rates: [], gigabytes: [] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { name, value, scale, headBytes }] of kinds.entries()) {
      // Anew: its transform is made in place.
      new Float32Array(memory.buffer, x, queries * size).fill(0.1);
      if (name === 'int8') quantiseQuery(x, queries, size, 0.125, query, scales);
      else scaleQuery(name === 'f16', x, queries * size, 0.125, query);
      const heads = Math.floor(bytes / headBytes);
      const started = performance.now();
      for (let head = 0; head < heads; head += 1) {
        const keys = cache + head * headBytes;
        const values = keys + positions * size * value;
        const keyScales = values + positions * size * value;
        const valueScales = keyScales + positions * scale;
        for (let from = 0; from < positions; from += segment) {
          const to = from + segment;
          const rest = [from, 0, to, 0, scores, segment * 4];
          if (name === 'int8') {
            const cached = [keys, keyScales, values, valueScales];
            attend(queries, size, query, scales, ...cached, ...rest, weights, out, stats);
          } else attendFloat(name === 'f16', queries, size, query, keys, values, ...rest, out, stats);
        }
      }
      const seconds = (performance.now() - started) / 1000;
      if (round === 0) continue;
      const result = /** @type {any} */ (results[index]);
      result.rates.push((2 * queries * size * positions * heads) / seconds / 1e9);
      result.gigabytes.push((heads * headBytes) / seconds / 1e9);
    }
  }
  return results;
}
