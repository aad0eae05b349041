// Heads whose positions draw all of the weight.
const HAS_SINKS = false;

fn sink_of(head: u32) -> f32 {
  return MASKED;
}
