// What each layer gets of each token beside the residual stream: the token's row of a table, and the normed projection of its
// embedding, which lies in the raw region. A workgroup takes one layer of one token. A table larger than one binding is cut into
// parts; each part serves the tokens whose rows it holds.
@group(0) @binding(2) var<storage, read> norm_weights: array<vec4f>;
/// [layer][token][four values]
@group(0) @binding(3) var<storage, read_write> layer_inputs: array<vec4f>;

/// Read once for all, because what a barrier depends on must be the same for all.
var<workgroup> shared_row: u32;
var<workgroup> lane_squares: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let layer = workgroup.x;
  let token = workgroup.y;
  if local == 0u {
    shared_row = scratch[TOKENS_AT + token / 4u][token % 4u];
  }
  let row = workgroupUniformLoad(&shared_row);
  if row < FIRST_ROW || row - FIRST_ROW >= ROWS {
    return;
  }
  let first = layer * SIZE_QUADS;
  let projected = RAW_AT + token * RAW_QUADS + first;
  var squares = 0.0;
  for (var at = local; at < SIZE_QUADS; at += WORKGROUP) {
    let four = scratch_quad(projected + at);
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
  let factor = inverseSqrt(lane_squares[0] / f32(4u * SIZE_QUADS) + EPSILON);
  for (var at = local; at < SIZE_QUADS; at += WORKGROUP) {
    let quad = first + at;
    let own = weight_quad((row - FIRST_ROW) * BLOCKS + quad / 8u, quad % 8u) * TABLE_SCALE;
    let four = scratch_quad(projected + at) * factor * norm_weights[at];
    layer_inputs[layer * LAYER_QUADS + token * SIZE_QUADS + at] = (four + own) * 0.7071067811865476;
  }
}
