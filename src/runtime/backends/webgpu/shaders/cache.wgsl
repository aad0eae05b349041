// Keys and values of a layer. Keys: [key head][four dimensions][position], so that scores read neighbouring positions side
// by side; behind them values: [key head][position][four dimensions], so that sums read neighbouring values side by side.
@group(0) @binding(CACHE_BINDING) var<storage, read_write> cache: array<CacheQuad>;

fn key_at(head: u32, quad: u32, position: u32) -> u32 {
  return (head * (HEAD_SIZE / 4u) + quad) * CAPACITY + position;
}

fn value_at(head: u32, quad: u32, position: u32) -> u32 {
  return (KEY_WIDTH / 4u) * CAPACITY + (head * CAPACITY + position) * (HEAD_SIZE / 4u) + quad;
}

/// Appends four rows of K or V, counted from the first row of K.
fn append(row: u32, position: u32, four: vec4f) {
  let head = (row % KEY_WIDTH) / HEAD_SIZE;
  let quad = (row % HEAD_SIZE) / 4u;
  if row < KEY_WIDTH {
    cache[key_at(head, quad, position)] = cache_quad(four);
  } else {
    cache[value_at(head, quad, position)] = cache_quad(four);
  }
}
