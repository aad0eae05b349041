// How the positions that one decode step sees are dealt out: SPLITS parts at most, each of whole tiles of SPLIT_TILE.
fn split_length(positions: u32) -> u32 {
  let share = (positions - first_visible(positions) + SPLITS - 1u) / SPLITS;
  return (share + SPLIT_TILE - 1u) / SPLIT_TILE * SPLIT_TILE;
}
