// Q1_0. A block of 32 is one word of signs, lowest bit first: 1 stands for the factor, 0 for its negative. Behind all blocks
// one f16 factor for each four of them.
struct Block {
  signs: u32,
  scale: f32,
  part: u32,
}

fn scale_of(block: u32) -> f32 {
  let at = SCALES_AT + (block >> 3u);
  let pair = unpack2x16float(weights[at >> 2u][at & 3u]);
  return select(pair.x, pair.y, (block & 4u) == 4u);
}

fn bits_of(signs: u32, quad: u32) -> vec4f {
  return vec4f((vec4u(signs >> (4u * quad)) >> vec4u(0u, 1u, 2u, 3u)) & vec4u(1u));
}

fn load_block(block: u32, part: u32) -> Block {
  return Block(weights[VALUES_AT + (block >> 2u)][block & 3u], scale_of(block), part);
}

/// Twice the inputs under a 1, less all inputs.
fn block_dot(block: Block, inputs: array<vec4f, 8u / PARTS>, halves: vec2f) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < 8u / PARTS; i++) {
    sum += dot(bits_of(block.signs, block.part + i * PARTS), inputs[i]);
  }
  return (2.0 * sum - halves.x - halves.y) * block.scale;
}

fn weight_quad(block: u32, quad: u32) -> vec4f {
  let signs = weights[VALUES_AT + (block >> 2u)][block & 3u];
  return (2.0 * bits_of(signs, quad) - 1.0) * scale_of(block);
}
