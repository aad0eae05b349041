// All types of two to six bits. A block of 32 is one vec4u of nibbles: value j in the low half of byte j, value j + 16 in
// the high half. Behind all blocks of the matrix come the scales, and behind those HIGH_BITS more bits of each value in
// order, HIGH_BITS words a block. SCALE_KIND says what scales are:
// 0: one f16 a block, values counted from their middle (Q4_0, Q5_0);
// 1: two f16 a block, factor and offset (Q4_1, Q5_1);
// 2: five words for 8 blocks: two f16 (d, dmin), then a byte of scale and a byte of minimum for each (Q4_K, Q5_K);
// 3: five words for 8 blocks: one f16 (d), then a signed scale for each half of a block, values counted from 32 (Q6_K) or,
//    without high bits, from 4 (Q3_K);
// 4: five words for 8 blocks: two f16 (d, dmin), then for each half of a block a byte, scale below minimum (Q2_K).
const PART_WORDS = 4u / PARTS;
const HIGH_WORDS = max(HIGH_BITS, 1u);
const SIGNED_CENTRE = select(4.0, 32.0, HIGH_BITS == 2u);
const CENTRE = select(8.0, 16.0, HIGH_BITS == 1u);

struct Block {
  words: array<u32, PART_WORDS>,
  highs: array<u32, HIGH_WORDS>,
  /// Factor and offset of the first half, then of the second.
  scales: vec4f,
  part: u32,
}

fn word_at(at: u32) -> u32 {
  return weights[at >> 2u][at & 3u];
}

fn scales_of(block: u32) -> vec4f {
  if SCALE_KIND == 1u {
    return unpack2x16float(word_at(SCALES_AT + block)).xyxy;
  }
  if SCALE_KIND == 2u {
    let at = SCALES_AT + (block >> 3u) * 5u;
    let d = unpack2x16float(word_at(at));
    let pair = word_at(at + 1u + ((block & 7u) >> 1u)) >> ((block & 1u) * 16u);
    return vec2f(d.x * f32(pair & 255u), -d.y * f32((pair >> 8u) & 255u)).xyxy;
  }
  if SCALE_KIND == 3u {
    let at = SCALES_AT + (block >> 3u) * 5u;
    let d = unpack2x16float(word_at(at)).x;
    let pair = word_at(at + 1u + ((block & 7u) >> 1u)) >> ((block & 1u) * 16u);
    let first = d * f32(i32(pair << 24u) >> 24u);
    let second = d * f32(i32(pair << 16u) >> 24u);
    return vec4f(first, -SIGNED_CENTRE * first, second, -SIGNED_CENTRE * second);
  }
  if SCALE_KIND == 4u {
    let at = SCALES_AT + (block >> 3u) * 5u;
    let d = unpack2x16float(word_at(at));
    let pair = word_at(at + 1u + ((block & 7u) >> 1u)) >> ((block & 1u) * 16u);
    let nibbles = vec4f((vec4u(pair) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u));
    return nibbles * vec4f(d.x, -d.y, d.x, -d.y);
  }
  let pair = unpack2x16float(word_at(SCALES_AT + (block >> 1u)));
  let factor = select(pair.x, pair.y, (block & 1u) == 1u);
  return vec2f(factor, -CENTRE * factor).xyxy;
}

fn high_word(block: u32, i: u32) -> u32 {
  if HIGH_BITS == 0u {
    return 0u;
  }
  return word_at(HIGHS_AT + block * HIGH_BITS + i);
}

fn quants_of(word: u32, quad: u32, high: u32) -> vec4u {
  var quants = (vec4u(word >> (quad & 4u)) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(15u);
  if HIGH_BITS == 1u {
    quants |= ((vec4u(high >> (4u * quad)) >> vec4u(0u, 1u, 2u, 3u)) & vec4u(1u)) << vec4u(4u);
  }
  if HIGH_BITS == 2u {
    quants |= ((vec4u(high >> (8u * (quad & 3u))) >> vec4u(0u, 2u, 4u, 6u)) & vec4u(3u)) << vec4u(4u);
  }
  return quants;
}

fn bytes_of(word: u32) -> vec4f {
  return vec4f((vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u));
}

fn load_block(block: u32, part: u32) -> Block {
  var result: Block;
  if PARTS == 1u {
    let words = weights[VALUES_AT + block];
    for (var i = 0u; i < PART_WORDS; i++) {
      result.words[i] = words[i];
    }
  } else {
    for (var i = 0u; i < PART_WORDS; i++) {
      result.words[i] = weights[VALUES_AT + block][part + i * PARTS];
    }
  }
  for (var i = 0u; i < HIGH_WORDS; i++) {
    result.highs[i] = high_word(block, i);
  }
  result.scales = scales_of(block);
  result.part = part;
  return result;
}

/// The part's quants times its inputs, scaled once a half; `halves` are the sums of the inputs of each half, for the offsets.
/// Without high bits the upper nibbles stay where they are, sixteen times too large, until the half is summed.
fn block_dot(block: Block, inputs: array<vec4f, 8u / PARTS>, halves: vec2f) -> f32 {
  var first = 0.0;
  var second = 0.0;
  for (var i = 0u; i < PART_WORDS; i++) {
    let word = block.words[i];
    if HIGH_BITS == 0u {
      first += dot(bytes_of(word & 0x0f0f0f0fu), inputs[i]);
      second += dot(bytes_of(word & 0xf0f0f0f0u), inputs[i + PART_WORDS]);
    } else {
      let quad = block.part + i * PARTS;
      first += dot(vec4f(quants_of(word, quad, block.highs[0])), inputs[i]);
      second += dot(vec4f(quants_of(word, quad + 4u, block.highs[HIGH_WORDS - 1u])), inputs[i + PART_WORDS]);
    }
  }
  if HIGH_BITS == 0u {
    second *= 0.0625;
  }
  return dot(block.scales, vec4f(first, halves.x, second, halves.y));
}

fn weight_quad(block: u32, quad: u32) -> vec4f {
  let high = high_word(block, select(0u, HIGH_WORDS - 1u, quad >= 4u));
  let scales = scales_of(block);
  let scale = select(scales.xy, scales.zw, quad >= 4u);
  return vec4f(quants_of(weights[VALUES_AT + block][quad & 3u], quad, high)) * scale.x + scale.y;
}
