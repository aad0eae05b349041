// Rows of the embedding for the tokens of an encoder's texts, and what is added to them: the row of a token's position, or one
// row for all. A table larger than one binding is cut into parts; each part fills the rows it holds. The first part also
// fetches each token's rope angles, so that no other kernel has to bind their table.
@group(0) @binding(2) var<storage, read> rope: array<vec4f>;
@group(0) @binding(3) var<storage, read> added: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let index = workgroup.x;
  let id = scratch[TEXTS_AT + index].x;
  let position = scratch[TEXTS_AT + index].y;
  if FETCHES_ANGLES {
    for (var at = local; at < ANGLE_QUADS; at += WORKGROUP) {
      set_scratch(ANGLES_AT + index * ANGLE_QUADS + at, rope[position * ANGLE_QUADS + at]);
    }
  }
  if id < FIRST_ROW || id - FIRST_ROW >= ROWS {
    return;
  }
  let added_row = select(0u, position, ADDS_BY_POSITION);
  for (var at = local; at < HIDDEN_QUADS; at += WORKGROUP) {
    var four = weight_quad((id - FIRST_ROW) * BLOCKS + at / 8u, at % 8u) * OUTPUT_SCALE;
    if HAS_ADDED {
      four += added[added_row * HIDDEN_QUADS + at];
    }
    set_scratch(HIDDEN_AT + index * HIDDEN_QUADS + at, four);
  }
}
