/**
 * Times the engine's own kernels, one thread, inside a page. Sent there as text.
 * @typedef {{ eightBit: number, sixteenBit: number, table: number, tile: number }} Layout Bytes of the activations of a
 *   block, and tokens of a tile, as in plan-fields.ts.
 * @param {{ wasm: string, kernels: readonly { name: string, kernel: number, groupBytes: number }[], layout: Layout, megabytes: number, rounds: number }} options
 *   `wasm`: address of an unshared build.
 * @returns {Promise<{ name: string, gemv: number[], gemm: number[], gigabytes: number[] }[]>} GMAC/s of one token from memory
 *   and of 64 tokens; GB/s of weights that the former reads. One entry a round, kernels in turns.
 */
export async function timeKernels({ wasm, kernels, layout, megabytes, rounds }) {
  const module = await WebAssembly.compileStreaming(fetch(wasm));
  const bytes = megabytes * 2 ** 20;
  const memory = new WebAssembly.Memory({ initial: megabytes * 16 + 128, maximum: 65_536 });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const { gemv, gemm, activationFormat, quantiseEightBit, quantiseSixteenBit, tabulateSigns } = /** @type {any} */ (
    exports
  );
  const weights = 1 << 16;
  const words = new Uint32Array(memory.buffer, weights, bytes / 4);
  // Halves and floats of sound size wherever a kernel looks for a scale: 0x3c00 is 1 as a half, and 0.0078 twice as a float.
  let state = 1;
  for (let index = 0; index < words.length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    words[index] = 0x3c003c00 | (state & 0x00ff00ff);
  }
  // A tile interleaves the records of its tokens.
  const { eightBit, sixteenBit, table, tile: tileTokens } = layout;
  const [blocks, tokens] = [64, 64];
  const x = weights + bytes;
  const prepared = x + tokens * blocks * 128;
  const out = prepared + tokens * blocks * Math.max(table, eightBit, sixteenBit);
  const values = new Float32Array(memory.buffer, x, tokens * blocks * 32);
  for (let index = 0; index < values.length; index += 1) values[index] = Math.sin(index);
  const results = kernels.map(({ name }) => ({ name, gemv: [], gemm: [], gigabytes: [] }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { kernel, groupBytes }] of kernels.entries()) {
      const format = activationFormat(kernel);
      const at = format === 1 ? x : prepared;
      const stride = blocks * groupBytes;
      const groups = Math.floor(bytes / stride);
      if (format === 2) quantiseEightBit(x, blocks, prepared, eightBit);
      if (format === 4) quantiseSixteenBit(x, blocks, prepared, sixteenBit);
      if (format === 8) tabulateSigns(x, blocks, prepared);
      let started = performance.now();
      gemv(kernel, weights, stride, groups, blocks, at, out, false, 1);
      const gemvSeconds = (performance.now() - started) / 1000;
      for (let token = 0; token < tokens; token += 1) {
        const tile = token - (token % tileTokens);
        const row = x + token * blocks * 128;
        if (format === 2)
          quantiseEightBit(
            row,
            blocks,
            prepared + (tile * blocks + (token % tileTokens)) * eightBit,
            tileTokens * eightBit,
          );
        if (format === 4)
          quantiseSixteenBit(
            row,
            blocks,
            prepared + (tile * blocks + (token % tileTokens)) * sixteenBit,
            tileTokens * sixteenBit,
          );
        if (format === 8) tabulateSigns(row, blocks, prepared + token * blocks * table);
      }
      started = performance.now();
      for (let group = 0; group < 64; group += 4) {
        gemm(kernel, weights + group * stride, stride, 4, blocks, at, tokens / tileTokens, out, 128, false, 1);
      }
      const gemmSeconds = (performance.now() - started) / 1000;
      if (round === 0) continue;
      const macs = groups * 8 * blocks * 32;
      const result = /** @type {any} */ (results[index]);
      result.gemv.push(macs / gemvSeconds / 1e9);
      result.gigabytes.push((groups * stride) / gemvSeconds / 1e9);
      result.gemm.push((64 * 8 * blocks * 32 * tokens) / gemmSeconds / 1e9);
    }
  }
  return results;
}
