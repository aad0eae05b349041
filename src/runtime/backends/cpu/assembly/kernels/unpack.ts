/**
 * Unsigned quants of `bits` bits, packed so that one vector operation serves 16 of them. A half group is four rows; a word
 * is four values of each of them, row r in lane r; a block of 32 values is 8 words, and takes `bits` vectors:
 *   2: vector v holds words 4v to 4v + 3, two bits each.
 *   4: vector v holds word v low and word v + 4 high.
 *   5: vectors 0-4 hold words 0-4 in their low bits; words 5, 6, 7 are split over the three bits left in each.
 *   6: vectors 0-2 hold words 0-2 in their low bits and word 3 in the two bits left in each; vectors 3-5 words 4-7 alike.
 * Eight-bit shifts do not exist: 16-bit ones do as well where a mask follows.
 */

// @ts-expect-error: decorator
@inline
function masked(v: v128, mask: i8): v128 {
  return v128.and(v, i8x16.splat(mask));
}

// @ts-expect-error: decorator
@inline
function down(v: v128, shift: i32, mask: i8): v128 {
  return v128.and(i16x8.shr_u(v, shift), i8x16.splat(mask));
}

/** Both words of a vector of four bits. */
// @ts-expect-error: decorator
@inline
export function lowNibbles(w: v128): v128 {
  return v128.and(w, i8x16.splat(15));
}

// @ts-expect-error: decorator
@inline
export function highNibbles(w: v128): v128 {
  return v128.and(i16x8.shr_u(w, 4), i8x16.splat(15));
}

/** Word `word` (a constant) of the block at `w`, as bytes. */
// @ts-expect-error: decorator
@inline
export function unpack(bits: i32, w: usize, word: i32): v128 {
  if (bits == 2) {
    const v = v128.load(w + (<usize>word >> 2) * 16);
    return (word & 3) == 0 ? masked(v, 3) : down(v, (word & 3) * 2, 3);
  }
  if (bits == 4) {
    const v = v128.load(w + (<usize>word & 3) * 16);
    return word < 4 ? lowNibbles(v) : highNibbles(v);
  }
  if (bits == 5) {
    if (word < 5) return masked(v128.load(w + <usize>word * 16), 31);
    const low = down(v128.load(w + <usize>(word - 5) * 16), 5, 7);
    if (word < 7) return v128.or(low, down(v128.load(w + <usize>(word - 2) * 16), 2, 24));
    return v128.or(v128.or(low, down(v128.load(w + 48), 4, 8)), down(v128.load(w + 64), 3, 16));
  }
  const first = w + (<usize>word >> 2) * 48;
  const inHalf = <usize>word & 3;
  if (inHalf < 3) return masked(v128.load(first + inHalf * 16), 63);
  const low = v128.or(down(v128.load(first), 6, 3), down(v128.load(first + 16), 4, 12));
  return v128.or(low, down(v128.load(first + 32), 2, 48));
}

/** Writes word `word` of row `row` (0-3), four quants in the bytes of `quants`, into a block whose bytes were zero. */
// @ts-expect-error: decorator
@inline
export function pack(bits: i32, w: usize, row: usize, word: i32, quants: u32): void {
  const lane = w + row * 4;
  if (bits == 2) {
    put(lane, word >> 2, quants << ((word & 3) * 2));
  } else if (bits == 4) {
    put(lane, word & 3, word < 4 ? quants : quants << 4);
  } else if (bits == 5) {
    if (word < 5) {
      put(lane, word, quants);
    } else {
      put(lane, word - 5, (quants & 0x07070707) << 5);
      if (word < 7) {
        put(lane, word - 2, (quants & 0x18181818) << 2);
      } else {
        put(lane, 3, (quants & 0x08080808) << 4);
        put(lane, 4, (quants & 0x10101010) << 3);
      }
    }
  } else {
    const first = (word >> 2) * 3;
    const inHalf = word & 3;
    if (inHalf < 3) {
      put(lane, first + inHalf, quants);
    } else {
      put(lane, first, (quants & 0x03030303) << 6);
      put(lane, first + 1, (quants & 0x0c0c0c0c) << 4);
      put(lane, first + 2, (quants & 0x30303030) << 2);
    }
  }
}

// @ts-expect-error: decorator
@inline
function put(lane: usize, vector: i32, quants: u32): void {
  const at = lane + <usize>vector * 16;
  store<u32>(at, load<u32>(at) | quants);
}

/** A word of one row back, for rows of embedding tables. */
export function wordOf(bits: i32, w: usize, row: usize, word: i32): u32 {
  const lane = w + row * 4;
  if (bits == 2) return (vectorAt(lane, word >> 2) >> ((word & 3) * 2)) & 0x03030303;
  if (bits == 4) return (word < 4 ? vectorAt(lane, word) : vectorAt(lane, word - 4) >> 4) & 0x0f0f0f0f;
  if (bits == 5) {
    if (word < 5) return vectorAt(lane, word) & 0x1f1f1f1f;
    const low = (vectorAt(lane, word - 5) >> 5) & 0x07070707;
    if (word < 7) return low | ((vectorAt(lane, word - 2) >> 2) & 0x18181818);
    return low | ((vectorAt(lane, 3) >> 4) & 0x08080808) | ((vectorAt(lane, 4) >> 3) & 0x10101010);
  }
  const first = (word >> 2) * 3;
  const inHalf = word & 3;
  if (inHalf < 3) return vectorAt(lane, first + inHalf) & 0x3f3f3f3f;
  const low = ((vectorAt(lane, first) >> 6) & 0x03030303) | ((vectorAt(lane, first + 1) >> 4) & 0x0c0c0c0c);
  return low | ((vectorAt(lane, first + 2) >> 2) & 0x30303030);
}

// @ts-expect-error: decorator
@inline
function vectorAt(lane: usize, vector: i32): u32 {
  return load<u32>(lane + <usize>vector * 16);
}
