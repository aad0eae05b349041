// Norms of queries and keys, rope, and the append to the KV cache, for models whose heads are normed: the projections lie
// in the raw region as they are. A workgroup takes one head of one token. In front of the vectors lie the weights of the
// query norm, then those of the key norm: one head's, or one a row.
var<workgroup> lane_squares: array<vec2f, WORKGROUP>;

const HEAD_QUADS = HEAD_SIZE / 4u;

/// Sum and sum of squares of `count` quads.
fn moments(local: u32, start: u32, count: u32) -> vec2f {
  var own = vec2f();
  for (var at = local; at < count; at += WORKGROUP) {
    let four = scratch_quad(start + at);
    own += vec2f(dot(four, vec4f(1.0)), dot(four, four));
  }
  lane_squares[local] = own;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if local < half {
      lane_squares[local] += lane_squares[local + half];
    }
  }
  workgroupBarrier();
  return lane_squares[0];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let head = workgroup.x;
  let token = workgroup.y;
  let raw = RAW_AT + token * RAW_QUADS;
  let is_query = head < HEADS;
  let is_value = head >= HEADS + KEY_WIDTH / HEAD_SIZE;
  let own = raw + head * HEAD_QUADS;
  var start = own;
  var count = HEAD_QUADS;
  var weights_at = select(QUERY_NORM_QUADS, 0u, is_query);
  if !is_value && select(KEY_NORM_BY_ROW, QUERY_NORM_BY_ROW, is_query) {
    start = select(raw + QUERY_WIDTH / 4u, raw, is_query);
    count = select(KEY_WIDTH, QUERY_WIDTH, is_query) / 4u;
  }
  let first_head = select(HEADS, 0u, is_query);
  if select(KEY_NORM_QUADS, QUERY_NORM_QUADS, is_query) > HEAD_QUADS {
    weights_at += (head - first_head) * HEAD_QUADS;
  }
  let sums = moments(local, start, count) / f32(4u * count);
  let mean = select(0.0, sums.x, IS_LAYER_NORM);
  let factor = inverseSqrt(max(sums.y - mean * mean, 0.0) + EPSILON);
  let is_normed = !is_value && select(KEY_NORM_QUADS, QUERY_NORM_QUADS, is_query) > 0u;
  for (var quad = local; quad < HEAD_QUADS; quad += WORKGROUP) {
    var four = scratch_quad(own + quad);
    let angles = angles_of(token, quad * 4u);
    if !is_value && NORM_AFTER_ROPE {
      four = turned(four, angles);
    }
    if is_normed {
      four = (four - mean) * factor * front_quad(weights_at + quad);
    }
    if VALUES_NORMED && is_value {
      four = (four - mean) * factor;
    }
    if !is_value && !NORM_AFTER_ROPE {
      four = turned(four, angles);
    }
    if is_query {
      set_scratch(QUERIES_AT + token * QUERY_QUADS + head * HEAD_QUADS + quad, four * ATTENTION_SCALE);
    } else {
      append((head - HEADS) * HEAD_SIZE + quad * 4u, first_position() + token, four);
    }
  }
}
