// Q4_0 and Q4_1. A block of 32 is one vec4u of nibbles, as in the file: value j in the low half of byte j, value j + 16
// in the high half. Behind all blocks of the matrix come the scales: Q4_1 a word of two f16 (factor, offset) a block,
// Q4_0 one f16 a block and the offset is −8 factors.
struct Unit {
  low: vec4f,
  high: vec4f,
}

fn nibbles_of(word: u32) -> vec4f {
  return vec4f((vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(15u));
}

fn scale_of(block: u32) -> vec2f {
  if HAS_OFFSETS {
    let at = SCALES_AT + block;
    return unpack2x16float(weights[at >> 2u][at & 3u]);
  }
  let at = SCALES_AT + (block >> 1u);
  let pair = unpack2x16float(weights[at >> 2u][at & 3u]);
  let factor = select(pair.x, pair.y, (block & 1u) == 1u);
  return vec2f(factor, -8.0 * factor);
}

fn weight_unit(block: u32, unit: u32) -> Unit {
  let word = weights[block][unit];
  let scale = scale_of(block);
  return Unit(nibbles_of(word) * scale.x + scale.y, nibbles_of(word >> 4u) * scale.x + scale.y);
}
