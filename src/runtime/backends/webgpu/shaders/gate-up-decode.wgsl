// Gate and up projections and the activation, for one token. Fours of gates and ups alternate; without a gate all rows are up.
fn input_at(at: u32) -> vec4f {
  return scratch_quad(INPUT_AT + at);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  fetch_rows(local, first_row);
  multiply_rows(local, first_row);
  if !HAS_GATE {
    let row = first_row + 4u * local;
    if local < TILE_ROWS / 4u && row < ROWS {
      set_scratch(GATED_AT + row / 4u, activated(product_quad(local, first_row)));
    }
    return;
  }
  let row = first_row + 8u * local;
  if local < TILE_ROWS / 8u && row < ROWS {
    let gates = product_quad(2u * local, first_row);
    let ups = product_quad(2u * local + 1u, first_row);
    set_scratch(GATED_AT + row / 8u, activated(gates) * ups);
  }
}
