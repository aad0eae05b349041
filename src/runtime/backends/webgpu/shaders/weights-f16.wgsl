// F16: two values a word, four vec4u a block of 32.
struct Block {
  quads: array<vec2u, 8u / PARTS>,
}

fn words_at(block: u32, quad: u32) -> vec2u {
  let words = weights[VALUES_AT + 4u * block + (quad >> 1u)];
  return select(words.xy, words.zw, (quad & 1u) == 1u);
}

fn load_block(block: u32, part: u32) -> Block {
  var result: Block;
  for (var i = 0u; i < 8u / PARTS; i++) {
    result.quads[i] = words_at(block, part + i * PARTS);
  }
  return result;
}

fn block_dot(block: Block, inputs: array<vec4f, 8u / PARTS>, halves: vec2f) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < 8u / PARTS; i++) {
    sum += dot(vec4f(unpack2x16float(block.quads[i].x), unpack2x16float(block.quads[i].y)), inputs[i]);
  }
  return sum;
}

fn weight_quad(block: u32, quad: u32) -> vec4f {
  let words = words_at(block, quad);
  return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}
