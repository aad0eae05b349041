// Attention of many tokens: TILE_QUERIES tokens of one head against the positions that they see, TILE_KEYS at a time. Who sees
// what is another fragment's business (`sees-before.wgsl`, `sees-around.wgsl`).
// Softmax runs along, so that no matrix of scores ever exists outside of one tile. A thread owns 4 queries × 4 keys of the
// scores and then 4 queries × 4 values of the sums; everything it multiplies lies in workgroup memory in whole vec4f.
// Keys and values of a tile take turns in the same memory.
const HEAD_QUADS = HEAD_SIZE / 4u;
const QUERY_GROUPS = TILE_QUERIES / 4u;
const KEY_GROUPS = TILE_KEYS / 4u;
const WORKGROUP = QUERY_GROUPS * KEY_GROUPS;
/// What a thread owns of the sums: some of QUERY_GROUPS × HEAD_QUADS.
const OWNED = (QUERY_GROUPS * HEAD_QUADS + WORKGROUP - 1u) / WORKGROUP;
const MASKED = -1e30;

/// [dimension][query group]: four queries at one dimension.
var<workgroup> query_tile: array<vec4f, HEAD_SIZE * QUERY_GROUPS>;
/// Keys: [dimension][key group], four keys at one dimension. Values: [key][four dimensions].
var<workgroup> cache_tile: array<vec4f, HEAD_SIZE * KEY_GROUPS>;
/// [key][query group]: what four queries give to one key.
var<workgroup> weight_tile: array<vec4f, TILE_KEYS * QUERY_GROUPS>;
/// [key group][query group]: the largest scores a thread has seen in a tile, and in the end its totals.
var<workgroup> key_group_stats: array<vec4f, KEY_GROUPS * QUERY_GROUPS>;
var<workgroup> corrections: array<vec4f, QUERY_GROUPS>;
/// Read once for all, because what a loop with barriers depends on must be the same for all.
var<workgroup> shared_span: vec3u;

fn load_queries(local: u32, head: u32, first_token: u32, count: u32) {
  for (var item = local; item < QUERY_GROUPS * HEAD_QUADS; item += WORKGROUP) {
    let group = item % QUERY_GROUPS;
    let quad = item / QUERY_GROUPS;
    var four: array<vec4f, 4>;
    for (var i = 0u; i < 4u; i++) {
      let token = min(first_token + group * 4u + i, count - 1u);
      four[i] = scratch_quad(QUERIES_AT + token * QUERY_QUADS + head * HEAD_QUADS + quad);
    }
    let by_dimension = transpose(mat4x4f(four[0], four[1], four[2], four[3]));
    for (var i = 0u; i < 4u; i++) {
      query_tile[(quad * 4u + i) * QUERY_GROUPS + group] = by_dimension[i];
    }
  }
}

// Positions past the end hold what an earlier, longer text left there: the last one is read again in their place.
fn load_keys(local: u32, key_head: u32, start: u32, end: u32) {
  for (var item = local; item < KEY_GROUPS * HEAD_QUADS; item += WORKGROUP) {
    let group = item % KEY_GROUPS;
    let quad = item / KEY_GROUPS;
    var four: array<vec4f, 4>;
    for (var i = 0u; i < 4u; i++) {
      let position = min(start + group * 4u + i, end - 1u);
      four[i] = cached_values(cache[key_at(key_head, quad, position)]);
    }
    let by_dimension = transpose(mat4x4f(four[0], four[1], four[2], four[3]));
    for (var i = 0u; i < 4u; i++) {
      cache_tile[(quad * 4u + i) * KEY_GROUPS + group] = by_dimension[i];
    }
  }
}

fn load_values(local: u32, key_head: u32, start: u32, end: u32) {
  for (var item = local; item < TILE_KEYS * HEAD_QUADS; item += WORKGROUP) {
    let position = min(start + item / HEAD_QUADS, end - 1u);
    cache_tile[item] = cached_values(cache[value_at(key_head, item % HEAD_QUADS, position)]);
  }
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let head = workgroup.y;
  let key_head = head / HEADS_A_KEY;
  let first_token = workgroup.x * TILE_QUERIES;
  if local == 0u {
    shared_span = tile_span(first_token);
  }
  let span = workgroupUniformLoad(&shared_span);
  let count = span.x;
  let end = span.z;
  let key_group = local % KEY_GROUPS;
  let query_group = local / KEY_GROUPS;
  meet_queries(first_token + query_group * 4u);
  load_queries(local, head, first_token, count);
  var largest = vec4f(sink_of(head));
  var totals = select(vec4f(), vec4f(1.0), HAS_SINKS && key_group == 0u);
  var sums = array<array<vec4f, 4>, OWNED>();
  for (var start = span.y; start < end; start += TILE_KEYS) {
    load_keys(local, key_head, start, end);
    workgroupBarrier();
    // One vector a key: what four queries make of it.
    var scores = array<vec4f, 4>();
    for (var d = 0u; d < HEAD_SIZE; d++) {
      let four_queries = query_tile[d * QUERY_GROUPS + query_group];
      let four_keys = cache_tile[d * KEY_GROUPS + key_group];
      scores[0] += four_queries * four_keys.x;
      scores[1] += four_queries * four_keys.y;
      scores[2] += four_queries * four_keys.z;
      scores[3] += four_queries * four_keys.w;
    }
    var most = vec4f(MASKED);
    for (var i = 0u; i < 4u; i++) {
      let position = start + key_group * 4u + i;
      let is_seen = vec4<bool>(position < end) & seen(position);
      scores[i] = select(vec4f(MASKED), soft_capped(scores[i], SCORE_CAP), is_seen);
      most = max(most, scores[i]);
    }
    key_group_stats[key_group * QUERY_GROUPS + query_group] = most;
    workgroupBarrier();
    load_values(local, key_head, start, end);
    var now = largest;
    for (var group = 0u; group < KEY_GROUPS; group++) {
      now = max(now, key_group_stats[group * QUERY_GROUPS + query_group]);
    }
    let correction = exp(largest - now);
    largest = now;
    totals *= correction;
    for (var i = 0u; i < 4u; i++) {
      // A query may see nothing of a tile.
      let weights = select(exp(scores[i] - now), vec4f(), scores[i] == vec4f(MASKED));
      totals += weights;
      weight_tile[(key_group * 4u + i) * QUERY_GROUPS + query_group] = weights;
    }
    if key_group == 0u {
      corrections[query_group] = correction;
    }
    workgroupBarrier();
    for (var own = 0u; own < OWNED; own++) {
      let item = min(local + own * WORKGROUP, QUERY_GROUPS * HEAD_QUADS - 1u);
      let group = item / HEAD_QUADS;
      let quad = item % HEAD_QUADS;
      let correct = corrections[group];
      var a = sums[own][0] * correct.x;
      var b = sums[own][1] * correct.y;
      var c = sums[own][2] * correct.z;
      var d = sums[own][3] * correct.w;
      for (var key = 0u; key < TILE_KEYS; key++) {
        let weights = weight_tile[key * QUERY_GROUPS + group];
        let four = cache_tile[key * HEAD_QUADS + quad];
        a += weights.x * four;
        b += weights.y * four;
        c += weights.z * four;
        d += weights.w * four;
      }
      sums[own] = array(a, b, c, d);
    }
    workgroupBarrier();
  }
  key_group_stats[key_group * QUERY_GROUPS + query_group] = totals;
  workgroupBarrier();
  for (var own = 0u; own < OWNED; own++) {
    let item = local + own * WORKGROUP;
    let group = item / HEAD_QUADS;
    if group < QUERY_GROUPS {
      var total = vec4f();
      for (var i = 0u; i < KEY_GROUPS; i++) {
        total += key_group_stats[i * QUERY_GROUPS + group];
      }
      for (var i = 0u; i < 4u; i++) {
        let token = first_token + group * 4u + i;
        if token < count {
          let at = ATTENDED_AT + token * QUERY_QUADS + head * HEAD_QUADS + item % HEAD_QUADS;
          set_scratch(at, sums[own][i] / total[i]);
        }
      }
    }
  }
}
