/**
 * The Hadamard transform: every value becomes a sum of all, each added or subtracted. Turned so, keys, values and queries have no
 * channels that outweigh the others, which in a trained model take most of the range of eight bits (QuaRot, arXiv 2404.00456). It
 * is its own inverse but for a factor, the span, and leaves products of queries and keys what they were but for the same.
 */

/** Values that are mixed with one another: the greatest power of two that divides the size of a head. */
// @ts-expect-error: decorator
@inline
export function hadamardSpan(size: i32): i32 {
  return size & -size;
}

/** Of `size` values (a multiple of 8) in place, span after span. */
export function hadamard(x: usize, size: i32): void {
  const end = x + <usize>size * 4;
  const span = <usize>hadamardSpan(size) * 4;
  for (let at = x; at < end; at += 16) v128.store(at, ofLanes(v128.load(at)));
  let step: usize = 16;
  // Two of its stages at once, while values are at hand.
  for (; step * 4 <= span; step *= 4) {
    for (let first = x; first < end; first += step * 4) {
      for (let at = first; at < first + step; at += 16) ofFour(at, at + step, at + step * 2, at + step * 3);
    }
  }
  if (step == span) return;
  for (let first = x; first < end; first += step * 2) {
    for (let at = first; at < first + step; at += 16) {
      const a = v128.load(at);
      const b = v128.load(at + step);
      v128.store(at, f32x4.add(a, b));
      v128.store(at + step, f32x4.sub(a, b));
    }
  }
}

// @ts-expect-error: decorator
@inline
function ofLanes(x: v128): v128 {
  const pairs = f32x4.add(i32x4.shuffle(x, x, 1, 0, 3, 2), v128.xor(x, i32x4(0, i32.MIN_VALUE, 0, i32.MIN_VALUE)));
  return f32x4.add(i32x4.shuffle(pairs, pairs, 2, 3, 0, 1), v128.xor(pairs, i32x4(0, 0, i32.MIN_VALUE, i32.MIN_VALUE)));
}

// @ts-expect-error: decorator
@inline
function ofFour(a: usize, b: usize, c: usize, d: usize): void {
  const sum = f32x4.add(v128.load(a), v128.load(b));
  const difference = f32x4.sub(v128.load(a), v128.load(b));
  const otherSum = f32x4.add(v128.load(c), v128.load(d));
  const otherDifference = f32x4.sub(v128.load(c), v128.load(d));
  v128.store(a, f32x4.add(sum, otherSum));
  v128.store(b, f32x4.add(difference, otherDifference));
  v128.store(c, f32x4.sub(sum, otherSum));
  v128.store(d, f32x4.sub(difference, otherDifference));
}
