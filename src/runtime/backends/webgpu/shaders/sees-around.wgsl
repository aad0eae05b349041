// Who sees what in an encoder: texts lie side by side, and a token sees all of its own text, or REACH tokens to either side.
// Keys lie where their tokens do. Of each token stands at TEXTS_AT its id, its position in its text, and where that text
// begins and ends.
var<private> own_begins: vec4u;
var<private> own_ends: vec4u;

fn seen_by(token: u32) -> vec2u {
  let text = scratch[TEXTS_AT + min(token, token_count() - 1u)].zw;
  if REACH == 0u {
    return text;
  }
  return vec2u(max(text.x, token - min(token, REACH)), min(text.y, token + REACH + 1u));
}

/// How many tokens there are, and the tokens [begin, end) that a tile of queries reads: neither goes back from token to token.
fn tile_span(first_token: u32) -> vec3u {
  let count = token_count();
  let last = min(first_token + TILE_QUERIES, count) - 1u;
  return vec3u(count, seen_by(first_token).x, seen_by(last).y);
}

/// The four queries that `seen` speaks of, `token` being the first of them.
fn meet_queries(token: u32) {
  for (var i = 0u; i < 4u; i++) {
    let span = seen_by(token + i);
    own_begins[i] = span.x;
    own_ends[i] = span.y;
  }
}

fn seen(position: u32) -> vec4<bool> {
  return (vec4u(position) >= own_begins) & (vec4u(position) < own_ends);
}
