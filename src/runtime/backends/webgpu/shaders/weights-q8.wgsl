// Q8_0. A block of 32 is two vec4u of signed bytes in order; behind all blocks one f16 factor a block.
const PART_WORDS = 8u / PARTS;

struct Block {
  words: array<u32, PART_WORDS>,
  scale: f32,
}

fn scale_of(block: u32) -> f32 {
  let at = SCALES_AT + (block >> 1u);
  let pair = unpack2x16float(weights[at >> 2u][at & 3u]);
  return select(pair.x, pair.y, (block & 1u) == 1u);
}

fn quants_of(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u));
}

fn load_block(block: u32, part: u32) -> Block {
  var result: Block;
  if PARTS == 1u {
    let low = weights[VALUES_AT + 2u * block];
    let high = weights[VALUES_AT + 2u * block + 1u];
    for (var i = 0u; i < 4u; i++) {
      result.words[i] = low[i];
      result.words[(4u + i) % PART_WORDS] = high[i];
    }
  } else {
    for (var i = 0u; i < PART_WORDS; i++) {
      let word = part + i * PARTS;
      result.words[i] = weights[VALUES_AT + 2u * block + (word >> 2u)][word & 3u];
    }
  }
  result.scale = scale_of(block);
  return result;
}

fn block_dot(block: Block, inputs: array<vec4f, 8u / PARTS>, halves: vec2f) -> f32 {
  var sum = 0.0;
  for (var i = 0u; i < PART_WORDS; i++) {
    sum += dot(quants_of(block.words[i]), inputs[i]);
  }
  return sum * block.scale;
}

fn weight_quad(block: u32, quad: u32) -> vec4f {
  return quants_of(weights[VALUES_AT + 2u * block + (quad >> 2u)][quad & 3u]) * scale_of(block);
}
