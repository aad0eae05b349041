// A prefill kernel's tokens are those of the chunk, and its matrix is the only one in its buffer.
fn open_tile(local: u32, index: u32) -> bool {
  return true;
}

fn tile_start(index: u32) -> u32 {
  return index * TILE_TOKENS;
}

fn tile_end() -> u32 {
  return token_count();
}

fn input_row(token: u32) -> u32 {
  return INPUT_AT + token * BLOCKS * 8u;
}

fn output_row(token: u32) -> u32 {
  return token;
}

fn weight_row(row: u32) -> u32 {
  return min(row, ROWS - 1u) * BLOCKS;
}

/// Fours of biases that come before those of the matrix.
fn bias_start() -> u32 {
  return 0u;
}

/// What the block that experts share counts for.
fn output_weight(token: u32) -> f32 {
  if IS_WEIGHTED {
    return bitcast<f32>(scratch[CHOSEN_AT + token * CHOSEN_SLOTS + FIRST_SLOT].y);
  }
  return 1.0;
}
