// All that a token, or a chunk of tokens, is on its way through the model lies in one buffer, cut into regions of whole
// vec4u (`…_AT`, by `scratch-layout.ts`). One buffer, because each one that a dispatch binds costs the browser time: with
// eight of them 150 dispatches took 1.4 ms to record, with two 0.7 ms, and a small model's token takes less than that.
// The first vec4u says where the engine is: the position of the first token, how many tokens there are, the step of a run.
@group(0) @binding(0) var<storage, read_write> scratch: array<vec4u>;

fn first_position() -> u32 {
  return scratch[0].x;
}

fn token_count() -> u32 {
  return scratch[0].y;
}

fn scratch_quad(at: u32) -> vec4f {
  return bitcast<vec4f>(scratch[at]);
}

fn set_scratch(at: u32, value: vec4f) {
  scratch[at] = bitcast<vec4u>(value);
}
