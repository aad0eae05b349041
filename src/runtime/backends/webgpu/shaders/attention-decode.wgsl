// Attention of one token over one split of the positions, for GROUP_HEADS query heads that share a key and value head.
// Softmax runs along (the largest score so far, the sum so far): what the splits found is put together by the next kernel.
@group(0) @binding(0) var<uniform> state: State;
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;
@group(0) @binding(3) var<storage, read> values: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> split_values: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> split_stats: array<vec2f>;

const HEAD_QUADS = HEAD_SIZE / 4u;
const OWNED = (GROUP_HEADS * HEAD_QUADS + WORKGROUP - 1u) / WORKGROUP;
const MASKED = -1e30;

var<workgroup> group_queries: array<vec4f, GROUP_HEADS * HEAD_QUADS>;
var<workgroup> scores: array<f32, GROUP_HEADS * SPLIT_TILE>;
var<workgroup> weights: array<f32, GROUP_HEADS * SPLIT_TILE>;
var<workgroup> largest: array<f32, GROUP_HEADS>;

fn largest_score(head: u32) -> f32 {
  var result = MASKED;
  for (var at = 0u; at < SPLIT_TILE; at++) {
    result = max(result, scores[head * SPLIT_TILE + at]);
  }
  return result;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let positions = state.position + 1u;
  let length = split_length(positions);
  let start = workgroup.x * length;
  if start >= positions {
    return;
  }
  let end = min(start + length, positions);
  let first_head = workgroup.y * GROUP_HEADS;
  let key_head = first_head / HEADS_A_KEY;
  for (var at = local; at < GROUP_HEADS * HEAD_QUADS; at += WORKGROUP) {
    group_queries[at] = queries[first_head * HEAD_QUADS + at];
  }
  for (var head = local; head < GROUP_HEADS; head += WORKGROUP) {
    largest[head] = MASKED;
  }
  var sums: array<vec4f, OWNED>;
  var totals: array<f32, OWNED>;
  var before: array<f32, OWNED>;
  for (var i = 0u; i < OWNED; i++) {
    before[i] = MASKED;
  }
  workgroupBarrier();
  for (var tile = start; tile < end; tile += SPLIT_TILE) {
    for (var item = local; item < GROUP_HEADS * SPLIT_TILE; item += WORKGROUP) {
      let head = item / SPLIT_TILE;
      let position = tile + item % SPLIT_TILE;
      var score = MASKED;
      if position < end {
        score = 0.0;
        for (var quad = 0u; quad < HEAD_QUADS; quad++) {
          let key = keys[(key_head * HEAD_QUADS + quad) * CAPACITY + position];
          score += dot(group_queries[head * HEAD_QUADS + quad], key);
        }
      }
      scores[item] = score;
    }
    workgroupBarrier();
    for (var item = local; item < GROUP_HEADS * SPLIT_TILE; item += WORKGROUP) {
      let head = item / SPLIT_TILE;
      weights[item] = exp(scores[item] - max(largest[head], largest_score(head)));
    }
    workgroupBarrier();
    for (var i = 0u; i < OWNED; i++) {
      let item = local + i * WORKGROUP;
      if item < GROUP_HEADS * HEAD_QUADS {
        let head = item / HEAD_QUADS;
        let now = max(before[i], largest_score(head));
        let correction = exp(before[i] - now);
        before[i] = now;
        var sum = sums[i] * correction;
        var total = totals[i] * correction;
        // Positions past the end hold what an earlier, longer text left there: they are not even multiplied by zero.
        for (var at = 0u; at < min(SPLIT_TILE, end - tile); at++) {
          let weight = weights[head * SPLIT_TILE + at];
          total += weight;
          sum += weight * values[(key_head * CAPACITY + tile + at) * HEAD_QUADS + item % HEAD_QUADS];
        }
        sums[i] = sum;
        totals[i] = total;
        if item % HEAD_QUADS == 0u {
          largest[head] = now;
        }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < OWNED; i++) {
    let item = local + i * WORKGROUP;
    if item < GROUP_HEADS * HEAD_QUADS {
      let head = first_head + item / HEAD_QUADS;
      split_values[(workgroup.x * HEADS + head) * HEAD_QUADS + item % HEAD_QUADS] = sums[i];
      if item % HEAD_QUADS == 0u {
        split_stats[workgroup.x * HEADS + head] = vec2f(before[i], totals[i]);
      }
    }
  }
}
