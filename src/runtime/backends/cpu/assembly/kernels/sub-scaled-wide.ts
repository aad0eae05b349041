import { EIGHT_BIT_INTEGER_FACTORS, EIGHT_BIT_RECORD, EIGHT_BIT_STEP, TILE_TOKENS } from '../../plan-fields';
import { clear, multiplyAdd } from '../math';
import { addMinima, offset, scaledBy } from './sub-scaled';
import { blockBytes, floatsAt, hasMinima, scalesAt, superBytes } from './sub-scaled-block';
import { storeTokens, tileSums } from './tile-sums';
import { unpack } from './unpack';
import { addDot } from './word-dot';

/**
 * Four tokens × eight rows with sub-scales and FUSED_DOT: an activation is loaded once for eight rows, half a block of weights stays in
 * registers while all tokens meet it, and integers and floats wait in memory. The sums of sub-scaled-tiles.ts, to the last bit.
 */

/** Bytes of one token's integers or floats, and of those of a tile. */
const TOKEN_BYTES: usize = 32;
const TILE_BYTES: usize = 4 * TOKEN_BYTES;

/** Half a block of rows 0-3 and 4-7 against one token, times scales: stored at `at`, or added to what is there and to the token's floats. */
// @ts-expect-error: decorator
@inline
function halfOfToken(
  bits: i32,
  half: usize,
  block: usize,
  d: usize,
  a: usize,
  at: usize,
  scales: v128,
  l0: v128,
  l1: v128,
  l2: v128,
  l3: v128,
  h0: v128,
  h1: v128,
  h2: v128,
  h3: v128,
): void {
  const from = offset(bits, a, half);
  let x = v128.load32_splat(a + half * 16);
  let low = addDot(from, x, l0);
  let high = addDot(from, x, h0);
  x = v128.load32_splat(a + half * 16, 4);
  low = addDot(low, x, l1);
  high = addDot(high, x, h1);
  x = v128.load32_splat(a + half * 16, 8);
  low = addDot(low, x, l2);
  high = addDot(high, x, h2);
  x = v128.load32_splat(a + half * 16, 12);
  low = addDot(low, x, l3);
  high = addDot(high, x, h3);
  const by = i16x8.mul(scales, v128.load16_splat(a + half * 2, EIGHT_BIT_INTEGER_FACTORS));
  low = i32x4.mul(low, i32x4.extend_low_i16x8_s(by));
  high = i32x4.mul(high, i32x4.extend_high_i16x8_s(by));
  if (half == 0) {
    v128.store(at, low);
    v128.store(at, high, 16);
    return;
  }
  low = f32x4.convert_i32x4_s(i32x4.add(v128.load(at), low));
  high = f32x4.convert_i32x4_s(i32x4.add(v128.load(at, 16), high));
  const floats = at + TILE_BYTES;
  const step = v128.load32_splat(a, EIGHT_BIT_STEP);
  low = multiplyAdd(low, f32x4.mul(step, v128.load(d)), v128.load(floats));
  high = multiplyAdd(high, f32x4.mul(step, v128.load(d, 16)), v128.load(floats, 16));
  if (hasMinima(bits)) {
    const minima = block + scalesAt(bits) + 16;
    const first = scaledBy(minima, false, a, 0);
    const second = scaledBy(minima, false, a, 1);
    low = addMinima(false, a, first, second, v128.load(d, 32), low);
    high = addMinima(true, a, first, second, v128.load(d, 48), high);
  }
  v128.store(floats, low);
  v128.store(floats, high, 16);
}

// @ts-expect-error: decorator
@inline
function halfOfTile(bits: i32, half: i32, block: usize, d: usize, a: usize, at: usize): void {
  const v = block + <usize>bits * 16;
  const word = half * 4;
  const l0 = unpack(bits, block, word);
  const l1 = unpack(bits, block, word + 1);
  const l2 = unpack(bits, block, word + 2);
  const l3 = unpack(bits, block, word + 3);
  const h0 = unpack(bits, v, word);
  const h1 = unpack(bits, v, word + 1);
  const h2 = unpack(bits, v, word + 2);
  const h3 = unpack(bits, v, word + 3);
  const scales = v128.load8x8_s(block + scalesAt(bits) + <usize>half * 8);
  const record: usize = EIGHT_BIT_RECORD;
  const h = <usize>half;
  halfOfToken(bits, h, block, d, a, at, scales, l0, l1, l2, l3, h0, h1, h2, h3);
  halfOfToken(bits, h, block, d, a + record, at + TOKEN_BYTES, scales, l0, l1, l2, l3, h0, h1, h2, h3);
  halfOfToken(bits, h, block, d, a + 2 * record, at + 2 * TOKEN_BYTES, scales, l0, l1, l2, l3, h0, h1, h2, h3);
  halfOfToken(bits, h, block, d, a + 3 * record, at + 3 * TOKEN_BYTES, scales, l0, l1, l2, l3, h0, h1, h2, h3);
}

// @ts-expect-error: decorator
@inline
function tile(bits: i32, superBlock: usize, a: usize, blocks: i32, at: usize): void {
  for (let b = 0; b < blocks; b += 8) {
    const d = superBlock + floatsAt(bits);
    for (let block = superBlock; block < d; block += blockBytes(bits)) {
      halfOfTile(bits, 0, block, d, a, at);
      halfOfTile(bits, 1, block, d, a, at);
      a += TILE_TOKENS * EIGHT_BIT_RECORD;
    }
    superBlock += superBytes(bits);
  }
}

// Functions of their own, so that each has all registers.

function tileOfTwoBits(superBlock: usize, a: usize, blocks: i32, at: usize): void {
  tile(2, superBlock, a, blocks, at);
}

function tileOfFourBits(superBlock: usize, a: usize, blocks: i32, at: usize): void {
  tile(4, superBlock, a, blocks, at);
}

function tileOfSixBits(superBlock: usize, a: usize, blocks: i32, at: usize): void {
  tile(6, superBlock, a, blocks, at);
}

/** Many tokens against one group of 8 rows: out[token][8] (+)= W x. */
// @ts-expect-error: decorator
@inline
export function gemmSubScaledWide(
  bits: i32,
  data: usize,
  blocks: i32,
  a: usize,
  tiles: i32,
  out: usize,
  outStride: usize,
  add: bool,
  scale: f32,
): void {
  const at = tileSums();
  for (let t = 0; t < tiles; ++t) {
    clear(at + TILE_BYTES, TILE_BYTES);
    if (bits == 2) tileOfTwoBits(data, a, blocks, at);
    else if (bits == 4) tileOfFourBits(data, a, blocks, at);
    else tileOfSixBits(data, a, blocks, at);
    storeTokens(at + TILE_BYTES, TILE_TOKENS, out, outStride, add, scale);
    a += <usize>blocks * EIGHT_BIT_RECORD * TILE_TOKENS;
    out += outStride * TILE_TOKENS;
  }
}
