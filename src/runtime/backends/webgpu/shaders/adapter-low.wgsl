// What the A of each adapter in use makes of a matrix's input: four ranks of one part of the matrix for one token, times the
// adapter's scale. The norm in front of the matrix is in front of A too.
@group(0) @binding(ADAPTER_BINDING) var<storage, read> adapter: array<vec4f>;
@group(0) @binding(ADAPTER_BINDING + 1u) var<storage, read_write> low: array<vec4u>;

var<workgroup> lane_sums: array<vec4f, WORKGROUP>;
var<workgroup> lane_squares: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let token = workgroup.y;
  let count = low[0].x;
  let part = workgroup.x / count;
  let ranks_in_use = low[1u + workgroup.x % count];
  let start = ranks_in_use.x * QUAD_WORDS + part * BLOCKS * 32u;
  // An adapter that was loaded for other matrices only has no ranks here.
  let end = select(0u, BLOCKS * 8u, (ranks_in_use.x + 1u) * QUAD_WORDS <= arrayLength(&adapter));
  var sums = vec4f();
  var squares = 0.0;
  for (var at = local; at < end; at += WORKGROUP) {
    var four = scratch_quad(INPUT_AT + token * BLOCKS * 8u + at);
    if IS_NORMED {
      squares += dot(four, four);
      four *= front_quad(at);
    }
    let ranks = start + 4u * at;
    sums += vec4f(
      dot(adapter[ranks], four), dot(adapter[ranks + 1u], four),
      dot(adapter[ranks + 2u], four), dot(adapter[ranks + 3u], four),
    );
  }
  lane_sums[local] = sums;
  lane_squares[local] = squares;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if local < half {
      lane_sums[local] += lane_sums[local + half];
      lane_squares[local] += lane_squares[local + half];
    }
  }
  if local == 0u {
    var four = lane_sums[0] * bitcast<f32>(ranks_in_use.y);
    if IS_NORMED {
      four *= inverseSqrt(lane_squares[0] / f32(WIDTH) + EPSILON);
    }
    low[LOW_HEADER + token * MATRIX_PARTS * count + workgroup.x] = bitcast<vec4u>(four);
  }
}
