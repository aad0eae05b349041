// Gate and up projections and the activation, for a chunk of tokens. Fours of gates and ups alternate; without a gate all rows
// are up. Of two neighbouring threads one has the gates of four values and the other their ups, which go from one to the
// other through workgroup memory that the tiles do not need any more. All at once: a barrier inside of the loop over tokens
// would keep it from being unrolled, and the products out of registers (14 times slower on an H100).
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
  let own = own_token(local, first_token);
  if !HAS_GATE {
    for (var i = 0u; i < TOKENS_A_THREAD; i++) {
      if own + i < count && row < ROWS {
        let four = activated(product_quad(i, row)) * output_weight(own + i);
        set_scratch(GATED_AT + output_row(own + i) * GATED_QUADS + row / 4u, four);
      }
    }
    return;
  }
  let is_gate = local % 2u == 0u;
  let pair = local / 2u * TOKENS_A_THREAD;
  if IS_NORMED {
    workgroupBarrier();
  }
  if !is_gate {
    for (var i = 0u; i < TOKENS_A_THREAD; i++) {
      input_tile[pair + i] = product_quad(i, row);
    }
  }
  workgroupBarrier();
  if is_gate {
    for (var i = 0u; i < TOKENS_A_THREAD; i++) {
      if own + i < count && row < ROWS {
        let four = activated(product_quad(i, row)) * lifted(input_tile[pair + i]) * output_weight(own + i);
        set_scratch(GATED_AT + output_row(own + i) * GATED_QUADS + row / 8u, four);
      }
    }
  }
}
