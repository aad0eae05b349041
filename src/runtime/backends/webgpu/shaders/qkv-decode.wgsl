// Query, key and value projections, rope, and the append to the KV cache, for one token.
fn input_at(at: u32) -> vec4f {
  return scratch_quad(INPUT_AT + at);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  let row = first_row + 4u * local;
  let position = first_position();
  fetch_rows(local, first_row);
  // Widths are whole heads, so queries and keys turn by the same rule.
  let place = FIRST_ROW + row;
  let angles = angles_of(0u, place % HEAD_SIZE);
  multiply_rows(local, first_row);
  if local >= TILE_ROWS / 4u || row >= ROWS {
    return;
  }
  var four = product_quad(local, first_row);
  if place < QUERY_WIDTH + KEY_WIDTH {
    four = turned(four, angles);
  }
  if place < QUERY_WIDTH {
    set_scratch(QUERIES_AT + place / 4u, four * ATTENTION_SCALE);
  } else {
    append(place - QUERY_WIDTH, position, four);
  }
}
