// Adds up what the experts of each token gave, into a region of its own or to the residual stream.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let at = workgroup.x * WORKGROUP + local;
  let token = workgroup.y;
  if at >= HIDDEN_QUADS {
    return;
  }
  var sum = vec4f();
  for (var slot = 0u; slot < USED; slot++) {
    sum += scratch_quad(EXPERT_OUTPUTS_AT + (token * USED + slot) * HIDDEN_QUADS + at);
  }
  let out = OUTPUT_AT + token * OUTPUT_QUADS + at;
  var four = sum * OUTPUT_SCALE;
  if IS_ADDED {
    four += scratch_quad(out);
  }
  set_scratch(out, four);
}
