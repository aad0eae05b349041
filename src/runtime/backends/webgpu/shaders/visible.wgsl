// The first of `positions` positions that the last of them sees: all of them, or a window that ends with it.
fn first_visible(positions: u32) -> u32 {
  return select(0u, positions - min(positions, WINDOW), WINDOW > 0u);
}
