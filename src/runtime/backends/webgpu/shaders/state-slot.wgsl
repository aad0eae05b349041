// States of one mixer: the one after p tokens lies in slot p modulo SLOTS. A state is `[head][row][value]`; behind it lies what
// the convolution of its channels remembers, `[position][channel]`, oldest first. Before the first token all are zeros.
@group(0) @binding(2) var<storage, read_write> states: array<vec4f>;

const HISTORY = LENGTH - 1u;

fn slot_of(position: u32) -> u32 {
  return position % SLOTS * SLOT_QUADS;
}

/// The i-th of what the convolution reads: what came before the run of tokens, then the run.
fn channel_quad(i: u32, quad: u32) -> vec4f {
  if i >= HISTORY {
    return scratch_quad(RAW_AT + (i - HISTORY) * RAW_QUADS + quad);
  }
  let before = states[slot_of(first_position()) + STATE_QUADS + i * CHANNEL_QUADS + quad];
  return select(vec4f(), before, first_position() > 0u);
}

fn silu(x: vec4f) -> vec4f {
  return x / (1.0 + exp(min(-x, vec4f(80.0))));
}
