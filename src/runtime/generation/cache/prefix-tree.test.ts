import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CACHE_PAGE_TOKENS } from '../../backends/decoder-backend.ts';
import { PrefixTree } from './prefix-tree.ts';

/** A page of a sequence says which tokens it was made from, all of them before it included. */
const pagesOf = (tokens: readonly number[], first = 0) => {
  const pages: Uint8Array[] = [];
  for (let start = first * CACHE_PAGE_TOKENS; start < tokens.length; start += CACHE_PAGE_TOKENS) {
    pages.push(new TextEncoder().encode(JSON.stringify(tokens.slice(0, start + CACHE_PAGE_TOKENS))));
  }
  return pages;
};
const keep = (tree: PrefixTree, tokens: readonly number[]) => {
  const first = tree.wholePages(tokens);
  tree.add(tokens, first, pagesOf(tokens, first));
};
const sequence = (length: number, seed = 0) => Array.from({ length }, (_, index) => (index * 31 + seed * 7) % 1_000);
const ROOM = 2 ** 30;

describe('the longest prefix', () => {
  it('is found, whole pages and part of one', () => {
    const tree = new PrefixTree(ROOM);
    const tokens = sequence(200);
    keep(tree, tokens);
    expect(tree.longest(tokens)).toEqual({ length: 200, pages: pagesOf(tokens) });
    expect(tree.longest([...tokens, 5])).toMatchObject({ length: 200 });
    expect(tree.longest(tokens.slice(0, 70))).toMatchObject({ length: 70 });
    expect(tree.longest([...tokens.slice(0, 70), 9_999]).pages).toHaveLength(2);
    expect(tree.longest([9_999])).toEqual({ length: 0, pages: [] });
    expect(tree.longest([])).toEqual({ length: 0, pages: [] });
  });

  it('grows in place when a sequence goes on', () => {
    const tree = new PrefixTree(ROOM);
    const tokens = sequence(100);
    keep(tree, tokens.slice(0, 70));
    const before = tree.longest(tokens).pages.length;
    keep(tree, tokens);
    expect(tree.longest(tokens)).toEqual({ length: 100, pages: pagesOf(tokens) });
    expect(before).toBe(2);
    keep(tree, tokens.slice(0, 80));
    expect(tree.longest(tokens)).toMatchObject({ length: 100 });
  });

  it('is shared by all that begin alike', () => {
    const tree = new PrefixTree(ROOM);
    const common = sequence(128);
    keep(tree, [...common, ...sequence(64, 1)]);
    const { bytes } = tree;
    const other = [...common, ...sequence(64, 2)];
    keep(tree, other);
    expect(tree.bytes - bytes).toBe(pagesOf(other)[2]!.byteLength);
  });

  it('is always a true prefix, with pages made from it', () => {
    const token = fc.integer({ min: 0, max: 1 });
    const sequences = fc.array(
      fc.record({ runs: fc.array(fc.tuple(token, fc.integer({ min: 1, max: 90 })), { minLength: 1, maxLength: 4 }) }),
      { minLength: 1, maxLength: 12 },
    );
    const expand = ({ runs }: { runs: [number, number][] }) =>
      runs.flatMap(([value, length]) => Array(length).fill(value));
    fc.assert(
      fc.property(sequences, fc.constantFrom(ROOM, 3_000), (made, room) => {
        const tree = new PrefixTree(room);
        const kept: number[][] = [];
        for (const one of made) {
          const tokens = expand(one);
          const best = Math.max(0, ...kept.map((other) => prefix(other, tokens)));
          const found = tree.longest(tokens);
          if (room === ROOM) expect(found.length).toBe(best);
          expect(found.length).toBeLessThanOrEqual(best);
          for (const [index, page] of found.pages.entries()) {
            const from: number[] = JSON.parse(new TextDecoder().decode(page));
            const needed = Math.min(found.length, (index + 1) * CACHE_PAGE_TOKENS);
            expect(prefix(from, tokens)).toBeGreaterThanOrEqual(needed);
          }
          keep(tree, tokens);
          kept.push(tokens);
          expect(tree.bytes).toBeLessThanOrEqual(room);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function prefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1;
  return length;
}

describe('a full tree', () => {
  it('forgets what was used longest ago, ends before beginnings', () => {
    const [a, b, c] = [1, 2, 3].map((seed) => sequence(128, seed).map((token) => token + seed * 1_000)) as [
      number[],
      number[],
      number[],
    ];
    const size = pagesOf(a).reduce((sum, page) => sum + page.byteLength, 0);
    const tree = new PrefixTree(size * 2.6);
    keep(tree, a);
    keep(tree, b);
    tree.longest(a);
    keep(tree, c);
    expect(tree.longest(a)).toMatchObject({ length: 128 });
    expect(tree.longest(c)).toMatchObject({ length: 128 });
    expect(tree.longest(b)).toMatchObject({ length: 64 });
  });

  it('keeps nothing where nothing fits', () => {
    const tree = new PrefixTree(0);
    keep(tree, sequence(100));
    expect(tree).toMatchObject({ bytes: 0 });
    expect(tree.longest(sequence(100))).toMatchObject({ length: 0 });
  });
});
