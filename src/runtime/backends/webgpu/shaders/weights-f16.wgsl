// F16: two values a word, four vec4u a block of 32.
struct Unit {
  low: vec4f,
  high: vec4f,
}

fn four_at(quad: u32) -> vec4f {
  let words = weights[quad >> 1u];
  let pair = select(words.xy, words.zw, (quad & 1u) == 1u);
  return vec4f(unpack2x16float(pair.x), unpack2x16float(pair.y));
}

fn weight_unit(block: u32, unit: u32) -> Unit {
  return Unit(four_at(8u * block + unit), four_at(8u * block + 4u + unit));
}
