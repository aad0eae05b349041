// A projection of one token, into a region of its own or added to the residual stream: down, and the attention's output
// where it is too wide to be joined on the way.
fn input_at(at: u32) -> vec4f {
  return scratch_quad(INPUT_AT + at);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  fetch_rows(local, first_row);
  let row = first_row + 4u * local;
  let at = OUTPUT_AT + min(row, ROWS - 1u) / 4u;
  var before = vec4f();
  if IS_ADDED {
    before = scratch_quad(at);
  }
  multiply_rows(local, first_row);
  if local < TILE_ROWS / 4u && row < ROWS {
    set_scratch(at, before + product_quad(local, first_row) * OUTPUT_SCALE);
  }
}
