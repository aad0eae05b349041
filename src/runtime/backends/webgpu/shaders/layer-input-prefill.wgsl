// What a layer makes of its input, for a chunk of tokens: activation(gate x) * input.
/// [token][four values]
@group(0) @binding(2) var<storage, read> layer_input: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_token = tile_start(workgroup.y);
  let first_row = workgroup.x * TILE_ROWS;
  let count = tile_end();
  multiply_tile(local, first_token, first_row, count);
  let row = own_row(local, first_row);
  for (var i = 0u; i < TOKENS_A_THREAD; i++) {
    let token = own_token(local, first_token) + i;
    if token < count && row < ROWS {
      let four = activated(product_quad(i, row)) * layer_input[token * (ROWS / 4u) + row / 4u];
      set_scratch(GATED_AT + token * GATED_QUADS + row / 4u, four);
    }
  }
}
