// A projection of a chunk of tokens, into a region of its own or added to the residual stream.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  if !open_tile(local, workgroup.y) {
    return;
  }
  let first_token = tile_start(workgroup.y);
  let first_row = workgroup.x * TILE_ROWS;
  let count = tile_end();
  multiply_tile(local, first_token, first_row, count);
  let row = own_row(local, first_row);
  for (var i = 0u; i < TOKENS_A_THREAD; i++) {
    let token = own_token(local, first_token) + i;
    if token < count && row < ROWS {
      if WEIGHS_BIAS {
        bias_weight = output_weight(token);
      }
      let at = OUTPUT_AT + output_row(token) * OUTPUT_QUADS + row / 4u;
      var four = product_quad(i, row) * OUTPUT_SCALE;
      if IS_ADDED {
        four += scratch_quad(at);
      }
      set_scratch(at, four);
    }
  }
}
