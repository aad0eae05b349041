// A prefill kernel's tokens are pairs of a token and an expert, as `group-by-expert.wgsl` sorts them, and its matrix is that
// of a tile's expert. IS_GATHERED: the kernel reads the tokens' own rows and leaves one a pair, in the pairs' sorted order;
// otherwise it reads those, and leaves results by the pairs' number.
var<workgroup> shared_tile: vec4u;

/// False where there is no such tile, or where the buffer does not hold its expert (IS_CUT: a layer's lie in several).
fn open_tile(local: u32, index: u32) -> bool {
  if local == 0u {
    shared_tile = scratch[TILES_AT + index];
  }
  let tile = workgroupUniformLoad(&shared_tile);
  return tile.y < tile.z && (!IS_CUT || tile.x - FIRST_EXPERT < EXPERTS_HERE);
}

fn tile_start(index: u32) -> u32 {
  return shared_tile.y;
}

fn tile_end() -> u32 {
  return shared_tile.z;
}

fn input_row(place: u32) -> u32 {
  // Places past the end repeat the last one.
  let own = min(place, shared_tile.z - 1u);
  if IS_GATHERED {
    return INPUT_AT + scratch[SORTED_AT + own].x * BLOCKS * 8u;
  }
  return INPUT_AT + own * BLOCKS * 8u;
}

fn output_row(place: u32) -> u32 {
  if IS_GATHERED {
    return place;
  }
  return scratch[SORTED_AT + place].y;
}

fn weight_row(row: u32) -> u32 {
  return ((shared_tile.x - FIRST_EXPERT) * ROWS + min(row, ROWS - 1u)) * BLOCKS;
}

fn bias_start() -> u32 {
  return (shared_tile.x - FIRST_EXPERT) * ROWS / 4u;
}

fn output_weight(place: u32) -> f32 {
  return bitcast<f32>(scratch[SORTED_AT + place].z);
}
