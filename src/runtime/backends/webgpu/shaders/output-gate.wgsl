// What an attention gathered times the sigmoid of its gate, which lies behind the values among the raw projections.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x;
  if 4u * quad >= QUERY_WIDTH {
    return;
  }
  let at = ATTENDED_AT + id.y * QUERY_QUADS + quad;
  let gate = scratch_quad(RAW_AT + id.y * RAW_QUADS + OUTPUT_GATE_QUADS + quad);
  set_scratch(at, scratch_quad(at) / (1.0 + exp(min(-gate, vec4f(80.0)))));
}
