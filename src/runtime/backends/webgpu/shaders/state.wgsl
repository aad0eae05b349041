// A state through a run of tokens, one after the other; the formulas stand at `RecurrentSpec`. A group of LANES threads holds
// four rows of a head's state in registers for the whole run: each thread every LANES-th four of their values. Keys and
// queries (B and C of the scan) of the next token are asked for before anything waits. With what four rows give for the old
// state there is one barrier a token: y = state' q = kept (state q) + added (k q).
const OWN_QUADS = (ROW_QUADS + LANES - 1u) / LANES;

/// Of the run: position and count. Read once for all, because what a loop with barriers depends on must be the same for all.
var<workgroup> shared_place: vec2u;
/// Shares of state q and state k of four rows, and of k q, k k and q q; of two tokens in turn.
var<workgroup> by_query: array<vec4f, 2u * WORKGROUP>;
var<workgroup> by_key: array<vec4f, 2u * WORKGROUP>;
var<workgroup> products: array<vec4f, 2u * WORKGROUP>;

fn front_value(at: u32) -> f32 {
  return front_quad(at / 4u)[at % 4u];
}

fn raw_value(token: u32, at: u32) -> f32 {
  return scratch_quad(RAW_AT + token * RAW_QUADS + at / 4u)[at % 4u];
}

/// ln(1 + e^x), which is x where x is large; by its series where e^x is too small to be added to 1.
fn softplus(x: f32) -> f32 {
  let power = exp(min(x, 20.0));
  return select(select(log(1.0 + power), power - 0.5 * power * power, power < 1e-3), x, x > 20.0);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  if local == 0u {
    shared_place = scratch[0].xy;
  }
  let place = workgroupUniformLoad(&shared_place);
  let count = place.y;
  let head = workgroup.y;
  let lane = local % LANES;
  let row_quad = workgroup.x * TILE_QUADS + local / LANES;
  // Rows past the head repeat its last ones: they are computed and never stored.
  let own_rows = head * HEAD_QUADS + min(row_quad, HEAD_QUADS - 1u);
  let group = select(head / (HEADS / GROUPS), head % GROUPS, IS_DELTA);
  let start = slot_of(place.x) + own_rows * 4u * ROW_QUADS;
  let decay = front_value(DECAY_AT + head);
  let step_bias = front_value(STEP_BIAS_AT + head);
  let skip = select(front_value(SKIP_AT + head), 0.0, IS_DELTA);
  // Values of a row past its end are zeros, and so are keys and queries there.
  var own = array<array<vec4f, 4>, OWN_QUADS>();
  for (var i = 0u; i < OWN_QUADS; i++) {
    let quad = lane + i * LANES;
    for (var r = 0u; r < 4u; r++) {
      let held = states[start + r * ROW_QUADS + min(quad, ROW_QUADS - 1u)];
      own[i][r] = select(vec4f(), held, place.x > 0u && quad < ROW_QUADS);
    }
  }
  var next_keys = array<vec4f, OWN_QUADS>();
  var next_queries = array<vec4f, OWN_QUADS>();
  for (var t = 0u; t <= count; t++) {
    let keys = next_keys;
    let queries = next_queries;
    let next = CHANNELS_AT + min(t, count - 1u) * CHANNEL_QUADS + group * ROW_QUADS;
    for (var i = 0u; i < OWN_QUADS; i++) {
      let quad = lane + i * LANES;
      let at = next + min(quad, ROW_QUADS - 1u);
      next_keys[i] = select(vec4f(), scratch_quad(at + KEYS_QUADS), quad < ROW_QUADS);
      next_queries[i] = select(vec4f(), scratch_quad(at + QUERIES_QUADS), quad < ROW_QUADS);
    }
    if t == 0u {
      continue;
    }
    let token = t - 1u;
    let values = scratch_quad(CHANNELS_AT + token * CHANNEL_QUADS + VALUES_QUADS + own_rows);
    let step = softplus(raw_value(token, STEPS_AT + head) + step_bias);
    let kept = exp(step * decay);
    var query_share = vec4f();
    var key_share = vec4f();
    var product = vec4f();
    for (var i = 0u; i < OWN_QUADS; i++) {
      let four = own[i];
      let k = keys[i];
      let q = queries[i];
      query_share += vec4f(dot(four[0], q), dot(four[1], q), dot(four[2], q), dot(four[3], q));
      product += vec4f(dot(k, q), dot(k, k), dot(q, q), 0.0);
      if IS_DELTA {
        key_share += vec4f(dot(four[0], k), dot(four[1], k), dot(four[2], k), dot(four[3], k));
      }
    }
    // Whoever is a token ahead writes the other half: all have read this one before it is written again.
    let half = (t % 2u) * WORKGROUP;
    by_query[half + local] = query_share;
    by_key[half + local] = key_share;
    products[half + local] = product;
    workgroupBarrier();
    query_share = vec4f();
    key_share = vec4f();
    product = vec4f();
    for (var i = 0u; i < LANES; i++) {
      let other = half + local - lane + i;
      query_share += by_query[other];
      product += products[other];
      if IS_DELTA {
        key_share += by_key[other];
      }
    }
    var added = step * values;
    var result = vec4f();
    if IS_DELTA {
      let strength = 1.0 / (1.0 + exp(min(-raw_value(token, STRENGTHS_AT + head), 80.0)));
      let of_key = inverseSqrt(product.y + EPSILON);
      let of_query = inverseSqrt((product.z + EPSILON) * f32(4u * ROW_QUADS));
      added = strength * of_key * (values - kept * of_key * key_share);
      result = of_query * (kept * query_share + added * product.x);
    } else {
      result = kept * query_share + added * product.x + skip * values;
    }
    for (var i = 0u; i < OWN_QUADS; i++) {
      for (var r = 0u; r < 4u; r++) {
        own[i][r] = kept * own[i][r] + added[r] * keys[i];
      }
    }
    if lane == 0u && row_quad < HEAD_QUADS {
      set_scratch(MIXED_AT + token * MIXED_QUADS + own_rows, result);
    }
  }
  let end = slot_of(place.x + count) + own_rows * 4u * ROW_QUADS;
  for (var i = 0u; i < OWN_QUADS; i++) {
    let quad = lane + i * LANES;
    for (var r = 0u; r < 4u; r++) {
      if row_quad < HEAD_QUADS && quad < ROW_QUADS {
        states[end + r * ROW_QUADS + quad] = own[i][r];
      }
    }
  }
  // What the convolution remembers goes along: all workgroups share the channels. One thread reads all it replaces first.
  let threads = WORKGROUP * ((HEAD_QUADS + TILE_QUADS - 1u) / TILE_QUADS) * HEADS;
  let thread = (head * ((HEAD_QUADS + TILE_QUADS - 1u) / TILE_QUADS) + workgroup.x) * WORKGROUP + local;
  for (var quad = thread; quad < CHANNEL_QUADS; quad += threads) {
    var latest = array<vec4f, HISTORY>();
    for (var i = 0u; i < HISTORY; i++) {
      latest[i] = channel_quad(count + i, quad);
    }
    for (var i = 0u; i < HISTORY; i++) {
      states[slot_of(place.x + count) + STATE_QUADS + i * CHANNEL_QUADS + quad] = latest[i];
    }
  }
}
