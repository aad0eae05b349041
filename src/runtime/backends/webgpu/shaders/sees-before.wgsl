// Who sees what in a decoder: positions up to one's own, all of them or a window that ends with it.
var<private> own_positions: vec4u;

/// How many tokens there are, and the positions [begin, end) that a tile of queries reads: tiles of keys that its first query
/// does not see any more are left out whole.
fn tile_span(first_token: u32) -> vec3u {
  let state = scratch[0].xy;
  let begin = first_visible(state.x + first_token + 1u) / TILE_KEYS * TILE_KEYS;
  return vec3u(state.y, begin, state.x + min(first_token + TILE_QUERIES, state.y));
}

/// The four queries that `seen` speaks of, `token` being the first of them.
fn meet_queries(token: u32) {
  own_positions = vec4u(first_position() + token) + vec4u(0u, 1u, 2u, 3u);
}

fn seen(position: u32) -> vec4<bool> {
  let is_before = vec4u(position) <= own_positions;
  if WINDOW > 0u {
    return is_before & (vec4u(position + WINDOW) > own_positions);
  }
  return is_before;
}
