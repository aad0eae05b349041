// A norm of rows of the residual stream's width that no kernel does on its way: layer norms, norms with a bias, and norms of
// what a block adds. In front lie the weights, then the bias, where the norm has them, then the factor on what is added to.
var<workgroup> lane_sums: array<f32, WORKGROUP>;

fn total(local: u32, own: f32) -> f32 {
  lane_sums[local] = own;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if local < half {
      lane_sums[local] += lane_sums[local + half];
    }
  }
  workgroupBarrier();
  let result = lane_sums[0];
  workgroupBarrier();
  return result;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let start = workgroup.x * HIDDEN_QUADS;
  var mean = 0.0;
  if IS_LAYER_NORM {
    var sum = 0.0;
    for (var at = local; at < HIDDEN_QUADS; at += WORKGROUP) {
      sum += dot(scratch_quad(INPUT_AT + start + at), vec4f(1.0));
    }
    mean = total(local, sum) / f32(WIDTH);
  }
  var squares = 0.0;
  for (var at = local; at < HIDDEN_QUADS; at += WORKGROUP) {
    let apart = select(vec4f(), scratch_quad(INPUT_AT + start + at) - mean, is_inside(at));
    squares += dot(apart, apart);
  }
  let factor = inverseSqrt(total(local, squares) / f32(WIDTH) + EPSILON);
  for (var at = local; at < HIDDEN_QUADS; at += WORKGROUP) {
    var four = (scratch_quad(INPUT_AT + start + at) - mean) * factor;
    if HAS_WEIGHTS {
      four *= front_quad(at);
    }
    if HAS_BIAS {
      four += front_quad(BIAS_AT + at);
    }
    // Behind the last value lie zeros, up to a whole block.
    four = select(vec4f(), four, is_inside(at)) * OUTPUT_SCALE;
    if IS_ADDED {
      four += scratch_quad(OUTPUT_AT + start + at);
    }
    if SCALES_STREAM {
      four *= front_quad(STREAM_SCALE_AT).x;
    }
    set_scratch(OUTPUT_AT + start + at, four);
  }
}

fn is_inside(at: u32) -> vec4<bool> {
  return vec4u(4u * at) + vec4u(0u, 1u, 2u, 3u) < vec4u(WIDTH);
}
