// Puts the splits of the attention together. A split counts by its largest score and its sum; splits that this position
// does not reach hold what an earlier token left there and are not even multiplied by zero.
const HEAD_QUADS = HEAD_SIZE / 4u;

/// What each split counts for in each head: [split][head].
var<workgroup> shares: array<f32, SPLITS * HEADS>;

fn split_count(positions: u32) -> u32 {
  let length = split_length(positions);
  return (positions - first_visible(positions) + length - 1u) / length;
}

fn share_splits(local: u32, splits: u32) {
  for (var item = local; item < SPLITS * HEADS; item += WORKGROUP) {
    let head = item % HEADS;
    var stats: array<vec2f, SPLITS>;
    for (var split = 0u; split < SPLITS; split++) {
      stats[split] = scratch_quad(SPLIT_STATS_AT + split * HEADS + head).xy;
    }
    var largest = stats[0].x;
    for (var split = 1u; split < SPLITS; split++) {
      largest = select(largest, max(largest, stats[split].x), split < splits);
    }
    var total = 0.0;
    for (var split = 0u; split < SPLITS; split++) {
      total += select(0.0, exp(stats[split].x - largest) * stats[split].y, split < splits);
    }
    shares[item] = exp(scratch_quad(SPLIT_STATS_AT + item).x - largest) / total;
  }
  workgroupBarrier();
}

fn joined(at: u32, splits: u32) -> vec4f {
  var sum = vec4f();
  for (var split = 0u; split < SPLITS; split++) {
    let four = shares[split * HEADS + at / HEAD_QUADS] * scratch_quad(SPLIT_VALUES_AT + split * HEADS * HEAD_QUADS + at);
    sum += select(vec4f(), four, split < splits);
  }
  return sum;
}
