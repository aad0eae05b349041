import {
  EIGHT_BIT_BIASED_STEP,
  EIGHT_BIT_RECORD,
  EIGHT_BIT_SUM,
  TILE_GROUPS,
  TILE_TOKENS,
} from '../../plan-fields';
import { clear, multiplyAdd, REST_OF_BIAS } from '../math';
import { blockBytes, halfGroup, halves, minima, scalesAt } from './affine-block';
import { storeTokens, tileSums } from './tile-sums';
import { unpack } from './unpack';
import { addDot, firstDot, joinHalves, scaleFirst } from './word-dot';

/**
 * Eight tokens (two tiles), or four, × all eight rows of a group, relaxed SIMD: an activation is loaded once for eight rows and
 * weights are unpacked once for all tokens, 12 % faster than four by four. The sums wait in memory (tile-sums.ts).
 */

/** Bytes of one token's integers or floats, of those of eight tokens, and where floats begin. */
const TOKEN_BYTES: usize = 32;
const TILE_BYTES: usize = 8 * TOKEN_BYTES;
/** Blocks of eight tokens that half of a first-level cache of 32 KB holds. */
const BLOCKS_AT_ONCE: i32 = 24;

/** The words 0 to 3 of a block, rows 0-3 and 4-7, against one token: what scaleFirst makes of them, stored. */
// @ts-expect-error: decorator
@inline
function beginBlock(a: usize, at: usize, l0: v128, l1: v128, l2: v128, l3: v128, h0: v128, h1: v128, h2: v128, h3: v128): void {
  let x = v128.load32_splat(a);
  let low = firstDot(x, l0);
  let high = firstDot(x, h0);
  x = v128.load32_splat(a, 4);
  low = addDot(low, x, l1);
  high = addDot(high, x, h1);
  x = v128.load32_splat(a, 8);
  low = addDot(low, x, l2);
  high = addDot(high, x, h2);
  x = v128.load32_splat(a, 12);
  low = addDot(low, x, l3);
  high = addDot(high, x, h3);
  // Both before a store, behind which the browser loads the factor anew.
  low = scaleFirst(a, low);
  high = scaleFirst(a, high);
  v128.store(at, low);
  v128.store(at, high, 16);
}

/** The words 4 to 7, and the whole block added to the token's floats, in the order of affine-tiles.ts. */
// @ts-expect-error: decorator
@inline
function endBlock(
  a: usize,
  at: usize,
  floats: usize,
  l0: v128,
  l1: v128,
  l2: v128,
  l3: v128,
  h0: v128,
  h1: v128,
  h2: v128,
  h3: v128,
  d0: v128,
  d4: v128,
  m0: v128,
  m4: v128,
): void {
  let x = v128.load32_splat(a, 16);
  let low = firstDot(x, l0);
  let high = firstDot(x, h0);
  x = v128.load32_splat(a, 20);
  low = addDot(low, x, l1);
  high = addDot(high, x, h1);
  x = v128.load32_splat(a, 24);
  low = addDot(low, x, l2);
  high = addDot(high, x, h2);
  x = v128.load32_splat(a, 28);
  low = addDot(low, x, l3);
  high = addDot(high, x, h3);
  low = joinHalves(a, v128.load(at), low);
  high = joinHalves(a, v128.load(at, 16), high);
  x = v128.load32_splat(a, EIGHT_BIT_BIASED_STEP);
  low = multiplyAdd(low, f32x4.mul(x, d0), v128.load(floats));
  high = multiplyAdd(high, f32x4.mul(x, d4), v128.load(floats, 16));
  x = v128.load32_splat(a, EIGHT_BIT_SUM);
  v128.store(floats, multiplyAdd(m0, x, low));
  v128.store(floats, multiplyAdd(m4, x, high), 16);
}

/** Some blocks of a group against four tokens or eight, added to their floats. `tileBytes`: from the records of the first four tokens to those of the others. */
// @ts-expect-error: decorator
@inline
function wideTile(tokens: i32, bits: i32, hasMinimum: bool, w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  const record: usize = EIGHT_BIT_RECORD;
  for (let b = 0; b < blocks; ++b) {
    const v = w + halfGroup(bits);
    const others = a + tileBytes;
    let l0 = unpack(bits, w, 0);
    let l1 = unpack(bits, w, 1);
    let l2 = unpack(bits, w, 2);
    let l3 = unpack(bits, w, 3);
    let h0 = unpack(bits, v, 0);
    let h1 = unpack(bits, v, 1);
    let h2 = unpack(bits, v, 2);
    let h3 = unpack(bits, v, 3);
    beginBlock(a, at, l0, l1, l2, l3, h0, h1, h2, h3);
    beginBlock(a + record, at + TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
    beginBlock(a + 2 * record, at + 2 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
    beginBlock(a + 3 * record, at + 3 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
    if (tokens == 8) {
      beginBlock(others, at + 4 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
      beginBlock(others + record, at + 5 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
      beginBlock(others + 2 * record, at + 6 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
      beginBlock(others + 3 * record, at + 7 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3);
    }
    l0 = unpack(bits, w, 4);
    l1 = unpack(bits, w, 5);
    l2 = unpack(bits, w, 6);
    l3 = unpack(bits, w, 7);
    h0 = unpack(bits, v, 4);
    h1 = unpack(bits, v, 5);
    h2 = unpack(bits, v, 6);
    h3 = unpack(bits, v, 7);
    const scales = w + scalesAt(bits);
    const d0 = halves(scales, false);
    const d4 = halves(scales, true);
    const m0 = minima(bits, hasMinimum, hasMinimum ? halves(scales + 16, false) : d0, d0);
    const m4 = minima(bits, hasMinimum, hasMinimum ? halves(scales + 16, true) : d4, d4);
    endBlock(a, at, floats, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
    endBlock(a + record, at + TOKEN_BYTES, floats + TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
    endBlock(a + 2 * record, at + 2 * TOKEN_BYTES, floats + 2 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
    endBlock(a + 3 * record, at + 3 * TOKEN_BYTES, floats + 3 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
    if (tokens == 8) {
      endBlock(others, at + 4 * TOKEN_BYTES, floats + 4 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
      endBlock(others + record, at + 5 * TOKEN_BYTES, floats + 5 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
      endBlock(others + 2 * record, at + 6 * TOKEN_BYTES, floats + 6 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
      endBlock(others + 3 * record, at + 7 * TOKEN_BYTES, floats + 7 * TOKEN_BYTES, l0, l1, l2, l3, h0, h1, h2, h3, d0, d4, m0, m4);
    }
    a += 4 * record;
    w += blockBytes(bits, hasMinimum);
  }
}

/** One function for each form and eight tokens, one for each form and four: what they are called with is constant in them. */
function fourBit(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(8, 4, false, w, a, tileBytes, blocks, at, floats);
}

function fourBitWithMinimum(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(8, 4, true, w, a, tileBytes, blocks, at, floats);
}

function fiveBit(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(8, 5, false, w, a, tileBytes, blocks, at, floats);
}

function fiveBitWithMinimum(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(8, 5, true, w, a, tileBytes, blocks, at, floats);
}

function fourBitForFour(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(4, 4, false, w, a, tileBytes, blocks, at, floats);
}

function fourBitWithMinimumForFour(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(4, 4, true, w, a, tileBytes, blocks, at, floats);
}

function fiveBitForFour(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(4, 5, false, w, a, tileBytes, blocks, at, floats);
}

function fiveBitWithMinimumForFour(w: usize, a: usize, tileBytes: usize, blocks: i32, at: usize, floats: usize): void {
  wideTile(4, 5, true, w, a, tileBytes, blocks, at, floats);
}

// @ts-expect-error: decorator
@inline
function blocksOfTile(
  bits: i32,
  hasMinimum: bool,
  isPair: bool,
  w: usize,
  a: usize,
  tileBytes: usize,
  blocks: i32,
  at: usize,
  floats: usize,
): void {
  if (bits == 4) {
    if (hasMinimum) {
      if (isPair) fourBitWithMinimum(w, a, tileBytes, blocks, at, floats);
      else fourBitWithMinimumForFour(w, a, tileBytes, blocks, at, floats);
    } else {
      if (isPair) fourBit(w, a, tileBytes, blocks, at, floats);
      else fourBitForFour(w, a, tileBytes, blocks, at, floats);
    }
  } else {
    if (hasMinimum) {
      if (isPair) fiveBitWithMinimum(w, a, tileBytes, blocks, at, floats);
      else fiveBitWithMinimumForFour(w, a, tileBytes, blocks, at, floats);
    } else {
      if (isPair) fiveBit(w, a, tileBytes, blocks, at, floats);
      else fiveBitForFour(w, a, tileBytes, blocks, at, floats);
    }
  }
}

/**
 * Tiles, two at a time, against groups of 8 rows: out[token][8 a group] (+)= W x. Some blocks of eight tokens meet up to TILE_GROUPS
 * groups before the next: activations take eight times the bytes that weights take, and come from the first-level cache so.
 */
export function gemmWide(
  bits: i32,
  hasMinimum: bool,
  data: usize,
  stride: usize,
  groups: i32,
  blocks: i32,
  activations: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const at = tileSums();
  const floats = at + TILE_BYTES;
  const tileBytes = <usize>blocks * EIGHT_BIT_RECORD * TILE_TOKENS;
  for (; groups > 0; groups -= TILE_GROUPS) {
    const count = <usize>min(groups, TILE_GROUPS);
    let a = activations;
    let to = out;
    for (let t = 0; t < tiles; t += 2) {
      const isPair = t + 1 < tiles;
      clear(floats, count * TILE_BYTES);
      for (let b = 0; b < blocks; b += BLOCKS_AT_ONCE) {
        const most = min(BLOCKS_AT_ONCE, blocks - b);
        const w = data + <usize>b * blockBytes(bits, hasMinimum);
        const x = a + <usize>b * EIGHT_BIT_RECORD * TILE_TOKENS;
        for (let g: usize = 0; g < count; ++g) {
          const v = w + g * stride;
          const sums = floats + g * TILE_BYTES;
          blocksOfTile(bits, hasMinimum, isPair, v, x, tileBytes, most, at, sums);
        }
      }
      for (let g: usize = 0; g < count; ++g) storeTokens(floats + g * TILE_BYTES, isPair ? 8 : 4, to + g * 32, outStride, add, scale, REST_OF_BIAS);
      a += 2 * tileBytes;
      to += outStride * 2 * TILE_TOKENS;
    }
    data += <usize>TILE_GROUPS * stride;
    out += <usize>TILE_GROUPS * 32;
  }
}
