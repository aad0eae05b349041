// Q8_0. A block of 32 is two vec4u of signed bytes in order; behind all blocks one f16 factor a block.
struct Unit {
  low: vec4f,
  high: vec4f,
}

fn bytes_of(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u));
}

fn scale_of(block: u32) -> f32 {
  let at = SCALES_AT + (block >> 1u);
  let pair = unpack2x16float(weights[at >> 2u][at & 3u]);
  return select(pair.x, pair.y, (block & 1u) == 1u);
}

fn weight_unit(block: u32, unit: u32) -> Unit {
  let scale = scale_of(block);
  return Unit(bytes_of(weights[2u * block][unit]) * scale, bytes_of(weights[2u * block + 1u][unit]) * scale);
}
