import { expect, it } from 'vitest';
import { randomBytes, wildBlocks } from '../blocks/testing/random-blocks.ts';
import { compileEngine } from './engine-module.ts';
import { typesWithKernel } from './kernel-types.ts';
import { KernelBench } from './testing/kernel-bench.ts';
import { describeKernels } from './testing/kernel-suite.ts';

describeKernels('fused dots', () => compileEngine('fused-unshared'));
describeKernels('fused dots, shared memory', () => compileEngine('fused-shared'), true);
describeKernels('relaxed SIMD', () => compileEngine('relaxed-unshared'));
describeKernels('relaxed SIMD, shared memory', () => compileEngine('relaxed-shared'), true);
describeKernels('plain SIMD', () => compileEngine('plain-unshared'));

it.each(['fused', 'relaxed', 'plain'] as const)(
  '%s builds take no memory: all of it is laid out before',
  async (kind) => {
    for (const memory of ['shared', 'unshared'] as const) {
      // The compiler's allocator imports a function to give up by.
      const imports = WebAssembly.Module.imports(await compileEngine(`${kind}-${memory}`));
      expect(imports).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    }
  },
);

// Logits must not depend on the processor: a conversation that was kept goes on in a browser that was updated meanwhile.
it.each(typesWithKernel())('fused dots make what relaxed SIMD makes to the last bit: %s', async (type) => {
  const [rows, blocks] = [24, 16];
  const bytes = wildBlocks(type, rows * blocks * 32, 1, randomBytes(7));
  const tokens = Array.from({ length: 13 }, (_, t) =>
    Array.from({ length: blocks * 32 }, (_, i) => Math.fround(Math.sin(i * 1.7 + t) * (i % 31 === t ? 50 : 1))),
  );
  const products = async (build: 'fused-unshared' | 'relaxed-unshared') => {
    const bench = await KernelBench.open(await compileEngine(build), false);
    const matrix = bench.matrix(type, bytes, rows, blocks);
    // Thirteen tokens take every form of a tile: eight at once, four, and one; two have a form of their own.
    const many = bench.gemm(matrix, tokens, 0, 1);
    const two = bench.gemm(matrix, tokens.slice(0, 2), 0, 1);
    return [bench.gemv(matrix, tokens[0]!), ...many, ...two].map((row) => new Uint32Array(row.slice().buffer));
  };
  const fused = await products('fused-unshared');
  expect(fused.flatMap((row) => [...row]).some((bits) => bits !== 0)).toBe(true);
  expect(fused).toEqual(await products('relaxed-unshared'));
});

it('fused dots attend as relaxed SIMD does to the last bit', async () => {
  const [size, positions, heads] = [64, 100, 7];
  const wave = (length: number, pace: number) => Array.from({ length }, (_, i) => Math.fround(3 * Math.sin(i * pace)));
  const given = {
    size,
    positions,
    queries: wave(heads * size, 1.3),
    keys: wave(positions * size, 0.7),
    values: wave(positions * size, 0.9),
    scale: 0.125,
    border: 32,
    first: 0,
    cap: 0,
    sinks: undefined,
  };
  const attended = async (build: 'fused-unshared' | 'relaxed-unshared') =>
    new Uint32Array((await KernelBench.open(await compileEngine(build), false)).attention(given).slice().buffer);
  const fused = await attended('fused-unshared');
  expect(new Set(fused).size).toBeGreaterThan(heads * size * 0.9);
  expect(fused).toEqual(await attended('relaxed-unshared'));
});
