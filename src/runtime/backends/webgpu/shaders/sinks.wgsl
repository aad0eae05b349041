// A score each head has besides those of positions, and that has no value: the weight it draws goes nowhere.
const HAS_SINKS = true;
@group(0) @binding(2) var<storage, read> sinks: array<f32>;

fn sink_of(head: u32) -> f32 {
  return sinks[SINKS_AT + head];
}
