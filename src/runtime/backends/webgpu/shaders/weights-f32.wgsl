// F32: one value a word, eight vec4u a block of 32.
struct Block {
  quads: array<vec4f, 8u / PARTS>,
}

fn load_block(block: u32, part: u32) -> Block {
  var result: Block;
  for (var i = 0u; i < 8u / PARTS; i++) {
    result.quads[i] = weight_quad(block, part + i * PARTS);
  }
  return result;
}

fn block_dot(block: Block, inputs: array<vec4f, 8u / PARTS>, halves: vec2f) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < 8u / PARTS; i++) {
    sum += dot(block.quads[i], inputs[i]);
  }
  return sum;
}

fn weight_quad(block: u32, quad: u32) -> vec4f {
  return bitcast<vec4f>(weights[VALUES_AT + 8u * block + quad]);
}
