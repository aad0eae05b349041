// Rows of a table for a run of tokens: of the embedding, or of the position embedding, which is added to it. A table larger
// than one binding is cut into parts; each part fills the rows it holds. The first part also fetches each token's rope
// angles, so that no other kernel has to bind their table.
@group(0) @binding(2) var<storage, read> rope: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let index = workgroup.x;
  let position = first_position() + index;
  if FETCHES_ANGLES {
    for (var at = local; at < ANGLE_QUADS; at += WORKGROUP) {
      set_scratch(ANGLES_AT + index * ANGLE_QUADS + at, rope[position * ANGLE_QUADS + at]);
    }
  }
  let row = select(scratch[TOKENS_AT + index / 4u][index % 4u], position, IS_BY_POSITION);
  if row < FIRST_ROW || row - FIRST_ROW >= ROWS {
    return;
  }
  for (var at = local; at < BLOCKS * 8u; at += WORKGROUP) {
    var four = weight_quad((row - FIRST_ROW) * BLOCKS + at / 8u, at % 8u) * OUTPUT_SCALE;
    let out = HIDDEN_AT + index * BLOCKS * 8u + at;
    if IS_ADDED {
      four += scratch_quad(out);
    }
    set_scratch(out, four);
  }
}
