// What a state gave, gated by silu and normed, in the order of its rule. A workgroup takes one span of one token that is normed
// together: all, a group of heads, or a head.
var<workgroup> lane_squares: array<f32, WORKGROUP>;

fn silu(x: vec4f) -> vec4f {
  return x / (1.0 + exp(min(-x, vec4f(80.0))));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let span = workgroup.x;
  let row = MIXED_AT + workgroup.y * MIXED_QUADS;
  let start = row + span * SPAN_QUADS;
  let gates = RAW_AT + workgroup.y * RAW_QUADS + GATE_QUADS + span * SPAN_QUADS;
  var factor = 1.0;
  if HAS_NORM {
    var squares = 0.0;
    for (var at = local; at < SPAN_QUADS; at += WORKGROUP) {
      var four = scratch_quad(start + at);
      if !IS_DELTA {
        four *= silu(scratch_quad(gates + at));
      }
      squares += dot(four, four);
    }
    lane_squares[local] = squares;
    for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
      workgroupBarrier();
      if local < half {
        lane_squares[local] += lane_squares[local + half];
      }
    }
    workgroupBarrier();
    factor = inverseSqrt(lane_squares[0] / f32(4u * SPAN_QUADS) + EPSILON);
  }
  for (var at = local; at < SPAN_QUADS; at += WORKGROUP) {
    var four = scratch_quad(start + at) * silu(scratch_quad(gates + at)) * factor;
    if HAS_NORM {
      four *= front_quad(NORM_QUADS + span * NORM_STEP_QUADS + at);
    }
    set_scratch(start + at, four);
  }
  // Behind the last span lie zeros, up to a whole block.
  if span == SPANS - 1u && local < MIXED_QUADS - INNER_QUADS {
    set_scratch(row + INNER_QUADS + local, vec4f());
  }
}
