// F32: one value a word, eight vec4u a block of 32.
struct Unit {
  low: vec4f,
  high: vec4f,
}

fn weight_unit(block: u32, unit: u32) -> Unit {
  return Unit(bitcast<vec4f>(weights[8u * block + unit]), bitcast<vec4f>(weights[8u * block + 4u + unit]));
}
