// The mean of a run of tokens: of a whole text, of its first or its last one, or of a word's. A run without tokens gives zeros.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let run = scratch[RUNS_AT + workgroup.x].xy;
  let at = workgroup.y * WORKGROUP + local;
  if at >= HIDDEN_QUADS {
    return;
  }
  var sum = vec4f();
  for (var token = run.x; token < run.y; token++) {
    sum += scratch_quad(HIDDEN_AT + token * HIDDEN_QUADS + at);
  }
  set_scratch(POOLED_AT + workgroup.x * HIDDEN_QUADS + at, sum / f32(max(run.y, run.x + 1u) - run.x));
}
