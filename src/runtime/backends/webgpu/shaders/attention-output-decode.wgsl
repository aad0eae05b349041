// Puts the splits of the attention together, projects the result and adds it to the residual stream, for one token.
@group(0) @binding(0) var<uniform> state: State;
@group(0) @binding(1) var<storage, read> split_values: array<vec4f>;
@group(0) @binding(2) var<storage, read> split_stats: array<vec2f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> hidden: array<f32>;

const HEAD_QUADS = HEAD_SIZE / 4u;

/// What each split counts for in each head: [split][head].
var<workgroup> shares: array<f32, SPLITS * HEADS>;
var<private> splits: u32;

fn input_at(at: u32) -> vec4f {
  var sum = vec4f();
  // The last block of a row may reach past the heads.
  if at < HEADS * HEAD_QUADS {
    for (var split = 0u; split < splits; split++) {
      sum += shares[split * HEADS + at / HEAD_QUADS] * split_values[split * HEADS * HEAD_QUADS + at];
    }
  }
  return sum;
}

fn weigh(at: u32, value: vec4f) -> vec4f {
  return value;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let length = split_length(state.position + 1u);
  splits = (state.position + length) / length;
  for (var head = local; head < HEADS; head += WORKGROUP) {
    var largest = split_stats[head].x;
    for (var split = 1u; split < splits; split++) {
      largest = max(largest, split_stats[split * HEADS + head].x);
    }
    var total = 0.0;
    for (var split = 0u; split < splits; split++) {
      let stats = split_stats[split * HEADS + head];
      let share = exp(stats.x - largest);
      shares[split * HEADS + head] = share;
      total += share * stats.y;
    }
    for (var split = 0u; split < splits; split++) {
      shares[split * HEADS + head] /= total;
    }
  }
  workgroupBarrier();
  let first_row = workgroup.x * TILE_ROWS;
  multiply_rows(local, first_row);
  for (var row = local; row < TILE_ROWS; row += WORKGROUP) {
    if first_row + row < ROWS {
      hidden[first_row + row] += row_sum(row) * RESIDUAL_SCALE;
    }
  }
}
