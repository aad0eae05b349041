// What a layer makes of its input, for one token: activation(gate x) * input.
@group(0) @binding(2) var<storage, read> layer_input: array<vec4f>;

fn input_at(at: u32) -> vec4f {
  return scratch_quad(INPUT_AT + at);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  fetch_rows(local, first_row);
  multiply_rows(local, first_row);
  let row = first_row + 4u * local;
  if local < TILE_ROWS / 4u && row < ROWS {
    set_scratch(GATED_AT + row / 4u, activated(product_quad(local, first_row)) * layer_input[row / 4u]);
  }
}
