// Attention of one token over one split of the positions, for GROUP_HEADS query heads that share a key and value head.
// IS_EACH_TOKEN: of each token of a chunk over all positions, for heads whose tiles fit no workgroup's memory.
// Softmax runs along (the largest score so far, the sum so far): what the splits found is put together by the next kernel.
// Keys and values of a tile are asked for together, before anything waits.
const HEAD_QUADS = HEAD_SIZE / 4u;
/// For scores, SHARES threads share a position; for sums, a thread owns four values of a head and every VALUE_GROUPS-th position.
const SHARES = WORKGROUP / SPLIT_TILE;
const SHARE_QUADS = (HEAD_QUADS + SHARES - 1u) / SHARES;
const VALUE_GROUPS = WORKGROUP / HEAD_QUADS;
const OWN_VALUES = (SPLIT_TILE + VALUE_GROUPS - 1u) / VALUE_GROUPS;
const SLICES = 8u;
const SLICE = SPLIT_TILE / SLICES;
const MASKED = -1e30;

/// Read once for all, because what a loop with barriers depends on must be the same for all.
var<workgroup> shared_position: u32;
var<workgroup> group_queries: array<vec4f, GROUP_HEADS * HEAD_QUADS>;
var<workgroup> share_scores: array<f32, SHARES * GROUP_HEADS * SPLIT_TILE>;
var<workgroup> scores: array<f32, GROUP_HEADS * SPLIT_TILE>;
var<workgroup> slice_maxima: array<f32, GROUP_HEADS * SLICES>;
var<workgroup> group_sums: array<vec4f, VALUE_GROUPS * GROUP_HEADS * HEAD_QUADS>;
var<workgroup> group_totals: array<f32, VALUE_GROUPS * GROUP_HEADS>;

fn total_of(group_head: u32) -> f32 {
  var total = 0.0;
  for (var i = 0u; i < VALUE_GROUPS; i++) {
    total += group_totals[i * GROUP_HEADS + group_head];
  }
  return total;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  if local == 0u {
    shared_position = first_position() + select(0u, workgroup.x, IS_EACH_TOKEN);
  }
  let positions = workgroupUniformLoad(&shared_position) + 1u;
  let length = select(split_length(positions), positions, IS_EACH_TOKEN);
  let start = first_visible(positions) + select(workgroup.x, 0u, IS_EACH_TOKEN) * length;
  let row = select(0u, workgroup.x, IS_EACH_TOKEN) * QUERY_QUADS;
  if start >= positions {
    return;
  }
  let end = min(start + length, positions);
  let first_head = workgroup.y * GROUP_HEADS;
  let key_head = first_head / HEADS_A_KEY;
  let own_place = local % SPLIT_TILE;
  let share = local / SPLIT_TILE;
  let own_quad = local % HEAD_QUADS;
  let value_group = local / HEAD_QUADS;
  var sums = array<vec4f, GROUP_HEADS>();
  var totals = array<f32, GROUP_HEADS>();
  var largest = array<f32, GROUP_HEADS>();
  // A sink is what the first split begins with.
  let has_sink = HAS_SINKS && (IS_EACH_TOKEN || workgroup.x == 0u);
  for (var g = 0u; g < GROUP_HEADS; g++) {
    largest[g] = select(MASKED, sink_of(first_head + g), has_sink);
    totals[g] = select(0.0, 1.0, has_sink && value_group == 0u);
  }
  for (var tile = start; tile < end; tile += SPLIT_TILE) {
    // Positions past the end hold what an earlier, longer text left there: the last one is read again in their place.
    let key_position = min(tile + own_place, end - 1u);
    var own_keys: array<CacheQuad, SHARE_QUADS>;
    for (var i = 0u; i < SHARE_QUADS; i++) {
      let quad = min(share * SHARE_QUADS + i, HEAD_QUADS - 1u);
      own_keys[i] = cache[key_at(key_head, quad, key_position)];
    }
    var own_values: array<CacheQuad, OWN_VALUES>;
    for (var i = 0u; i < OWN_VALUES; i++) {
      let position = min(tile + value_group + i * VALUE_GROUPS, end - 1u);
      own_values[i] = cache[value_at(key_head, own_quad, position)];
    }
    if tile == start {
      for (var at = local; at < GROUP_HEADS * HEAD_QUADS; at += WORKGROUP) {
        group_queries[at] = scratch_quad(QUERIES_AT + row + first_head * HEAD_QUADS + at);
      }
      workgroupBarrier();
    }
    for (var g = 0u; g < GROUP_HEADS; g++) {
      var score = 0.0;
      for (var i = 0u; i < SHARE_QUADS; i++) {
        let quad = share * SHARE_QUADS + i;
        if quad < HEAD_QUADS {
          score += dot(group_queries[g * HEAD_QUADS + quad], cached_values(own_keys[i]));
        }
      }
      share_scores[(share * GROUP_HEADS + g) * SPLIT_TILE + own_place] = score;
    }
    workgroupBarrier();
    for (var item = local; item < GROUP_HEADS * SPLIT_TILE; item += WORKGROUP) {
      var score = 0.0;
      for (var p = 0u; p < SHARES; p++) {
        score += share_scores[p * GROUP_HEADS * SPLIT_TILE + item];
      }
      scores[item] = select(MASKED, soft_capped(vec4f(score), SCORE_CAP).x, tile + item % SPLIT_TILE < end);
    }
    workgroupBarrier();
    for (var item = local; item < GROUP_HEADS * SLICES; item += WORKGROUP) {
      var most = MASKED;
      for (var i = 0u; i < SLICE; i++) {
        most = max(most, scores[item * SLICE + i]);
      }
      slice_maxima[item] = most;
    }
    workgroupBarrier();
    for (var g = 0u; g < GROUP_HEADS; g++) {
      var now = largest[g];
      for (var i = 0u; i < SLICES; i++) {
        now = max(now, slice_maxima[g * SLICES + i]);
      }
      let correction = exp(largest[g] - now);
      largest[g] = now;
      var sum = sums[g] * correction;
      var total = totals[g] * correction;
      for (var i = 0u; i < OWN_VALUES; i++) {
        let place = value_group + i * VALUE_GROUPS;
        if place < SPLIT_TILE {
          let weight = exp(scores[g * SPLIT_TILE + place] - now);
          total += weight;
          sum += weight * cached_values(own_values[i]);
        }
      }
      sums[g] = sum;
      totals[g] = total;
    }
    // The next tile writes share_scores, which nobody reads by now, and waits before it writes scores.
  }
  if value_group < VALUE_GROUPS {
    for (var g = 0u; g < GROUP_HEADS; g++) {
      group_sums[(value_group * GROUP_HEADS + g) * HEAD_QUADS + own_quad] = sums[g];
      if own_quad == 0u {
        group_totals[value_group * GROUP_HEADS + g] = totals[g];
      }
    }
  }
  workgroupBarrier();
  for (var item = local; item < GROUP_HEADS * HEAD_QUADS; item += WORKGROUP) {
    var sum = vec4f();
    for (var i = 0u; i < VALUE_GROUPS; i++) {
      sum += group_sums[i * GROUP_HEADS * HEAD_QUADS + item];
    }
    if IS_EACH_TOKEN {
      set_scratch(ATTENDED_AT + row + first_head * HEAD_QUADS + item, sum / total_of(item / HEAD_QUADS));
    } else {
      set_scratch(SPLIT_VALUES_AT + (workgroup.x * HEADS + first_head) * HEAD_QUADS + item, sum);
    }
  }
  if !IS_EACH_TOKEN && local < GROUP_HEADS {
    let total = total_of(local);
    var most = MASKED;
    for (var g = 0u; g < GROUP_HEADS; g++) {
      most = select(most, largest[g], g == local);
    }
    set_scratch(SPLIT_STATS_AT + workgroup.x * HEADS + first_head + local, vec4f(most, total, 0.0, 0.0));
  }
}
