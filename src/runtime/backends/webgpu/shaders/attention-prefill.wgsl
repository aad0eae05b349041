// Causal attention of a chunk: TILE_QUERIES tokens of one head against all positions so far, TILE_KEYS at a time.
// Softmax runs along, so that no matrix of scores ever exists outside of one tile.
@group(0) @binding(0) var<uniform> state: State;
@group(0) @binding(1) var<storage, read> queries: array<vec4f>;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;
@group(0) @binding(3) var<storage, read> values: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> attended: array<vec4f>;

const HEAD_QUADS = HEAD_SIZE / 4u;
const QUERY_GROUPS = TILE_QUERIES / 4u;
const WORKGROUP = HEAD_QUADS * QUERY_GROUPS;
/// One more than a tile, so that rows begin in different banks of the memory.
const SCORE_STRIDE = TILE_KEYS + 1u;
const MASKED = -1e30;

var<workgroup> query_tile: array<vec4f, TILE_QUERIES * HEAD_QUADS>;
var<workgroup> scores: array<f32, TILE_QUERIES * SCORE_STRIDE>;
var<workgroup> largest: array<f32, TILE_QUERIES>;
var<workgroup> totals: array<f32, TILE_QUERIES>;
var<workgroup> corrections: array<f32, TILE_QUERIES>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let head = workgroup.y;
  let key_head = head / HEADS_A_KEY;
  let first_token = workgroup.x * TILE_QUERIES;
  let end = state.position + min(first_token + TILE_QUERIES, state.count);
  for (var item = local; item < TILE_QUERIES * HEAD_QUADS; item += WORKGROUP) {
    let token = min(first_token + item / HEAD_QUADS, state.count - 1u);
    query_tile[item] = queries[token * QUERY_QUADS + head * HEAD_QUADS + item % HEAD_QUADS];
  }
  for (var row = local; row < TILE_QUERIES; row += WORKGROUP) {
    largest[row] = MASKED;
    totals[row] = 0.0;
  }
  let own_quad = local % HEAD_QUADS;
  let own_query = local / HEAD_QUADS * 4u;
  var sums: array<vec4f, 4>;
  workgroupBarrier();
  for (var start = 0u; start < end; start += TILE_KEYS) {
    for (var item = local; item < QUERY_GROUPS * TILE_KEYS; item += WORKGROUP) {
      let query = item / TILE_KEYS * 4u;
      let position = start + item % TILE_KEYS;
      var four = vec4f();
      if position < end {
        for (var quad = 0u; quad < HEAD_QUADS; quad++) {
          let key = keys[(key_head * HEAD_QUADS + quad) * CAPACITY + position];
          for (var i = 0u; i < 4u; i++) {
            four[i] += dot(query_tile[(query + i) * HEAD_QUADS + quad], key);
          }
        }
      }
      for (var i = 0u; i < 4u; i++) {
        let is_seen = position <= state.position + first_token + query + i && position < end;
        scores[(query + i) * SCORE_STRIDE + item % TILE_KEYS] = select(MASKED, four[i], is_seen);
      }
    }
    workgroupBarrier();
    for (var row = local; row < TILE_QUERIES; row += WORKGROUP) {
      var now = largest[row];
      for (var at = 0u; at < TILE_KEYS; at++) {
        now = max(now, scores[row * SCORE_STRIDE + at]);
      }
      let correction = exp(largest[row] - now);
      var total = totals[row] * correction;
      for (var at = 0u; at < TILE_KEYS; at++) {
        let weight = exp(scores[row * SCORE_STRIDE + at] - now);
        scores[row * SCORE_STRIDE + at] = weight;
        total += weight;
      }
      largest[row] = now;
      totals[row] = total;
      corrections[row] = correction;
    }
    workgroupBarrier();
    for (var i = 0u; i < 4u; i++) {
      sums[i] *= corrections[own_query + i];
    }
    // Positions past the end hold what an earlier, longer text left there: they are not even multiplied by zero.
    for (var at = 0u; at < min(TILE_KEYS, end - start); at++) {
      let value = values[(key_head * CAPACITY + start + at) * HEAD_QUADS + own_quad];
      for (var i = 0u; i < 4u; i++) {
        sums[i] += scores[(own_query + i) * SCORE_STRIDE + at] * value;
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let token = first_token + own_query + i;
    if token < state.count {
      attended[token * QUERY_QUADS + head * HEAD_QUADS + own_quad] = sums[i] / totals[own_query + i];
    }
  }
}
