// Query, key and value projections, rope, and the append to the KV cache, for a chunk of tokens.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_token = workgroup.y * TILE_TOKENS;
  let first_row = workgroup.x * TILE_ROWS;
  let state = scratch[0];
  multiply_tile(local, first_token, first_row, state.y);
  let row = own_row(local, first_row);
  if row >= ROWS {
    return;
  }
  let place = FIRST_ROW + row;
  for (var i = 0u; i < TOKENS_A_THREAD; i++) {
    let token = own_token(local, first_token) + i;
    if token >= state.y {
      return;
    }
    var four = product_quad(i, row);
    if place < QUERY_WIDTH + KEY_WIDTH {
      four = turned(four, angles_of(token, place % HEAD_SIZE));
    }
    if place < QUERY_WIDTH {
      set_scratch(QUERIES_AT + token * QUERY_QUADS + place / 4u, four * ATTENTION_SCALE);
    } else {
      append(place - QUERY_WIDTH, state.x + token, four);
    }
  }
}
