// A short convolution over positions: b, c and x of each token lie in the raw region, and c times the taps over the latest
// b x goes where attention's result would. The latest inputs of all channels lie in a ring by their positions, and those before
// every CHECKPOINT_TOKENS-th position in a checkpoint, so that the text can be cut. In front lie the taps, oldest first.
@group(0) @binding(2) var<storage, read_write> ring: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> checkpoints: array<vec4f>;

const HISTORY = LENGTH - 1u;

fn input_of(token: u32, quad: u32) -> vec4f {
  let b = RAW_AT + token * RAW_QUADS + quad;
  return scratch_quad(b) * scratch_quad(b + 2u * WIDTH_QUADS);
}

/// The input `back` positions before a token's; zeros before the text.
fn input_before(token: u32, back: u32, quad: u32) -> vec4f {
  let position = first_position() + token;
  if back > position {
    return vec4f();
  }
  if back > token {
    return ring[(position - back) % RING * WIDTH_QUADS + quad];
  }
  return input_of(token - back, quad);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x;
  let token = id.y;
  if CONVOLVES && quad < HIDDEN_QUADS {
    var sum = vec4f();
    // Behind the last channel lie zeros, up to a whole block.
    if quad < WIDTH_QUADS {
      for (var i = 0u; i < LENGTH; i++) {
        sum += input_before(token, HISTORY - i, quad) * front_quad(i * WIDTH_QUADS + quad);
      }
      sum *= scratch_quad(RAW_AT + token * RAW_QUADS + WIDTH_QUADS + quad);
    }
    set_scratch(ATTENDED_AT + token * HIDDEN_QUADS + quad, sum);
  }
  if KEEPS && quad < WIDTH_QUADS {
    let position = first_position() + token;
    let kept = input_of(token, quad);
    // Of a chunk longer than the ring the last ones stay.
    if token + RING >= token_count() {
      ring[position % RING * WIDTH_QUADS + quad] = kept;
    }
    let place = position % CHECKPOINT_TOKENS + HISTORY;
    if place >= CHECKPOINT_TOKENS {
      let row = (position / CHECKPOINT_TOKENS + 1u) * HISTORY + place - CHECKPOINT_TOKENS;
      checkpoints[row * WIDTH_QUADS + quad] = kept;
    }
  }
}
