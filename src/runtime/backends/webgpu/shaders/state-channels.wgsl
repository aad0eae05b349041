// What goes into a state: each channel through a short convolution over positions, and silu.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let quad = id.x;
  let token = id.y;
  if quad >= CHANNEL_QUADS {
    return;
  }
  var sum = vec4f();
  if HAS_CONVOLUTION_BIAS {
    sum = front_quad(CONVOLUTION_BIAS_QUADS + quad);
  }
  for (var i = 0u; i < LENGTH; i++) {
    sum += channel_quad(token + i, quad) * front_quad(i * CHANNEL_QUADS + quad);
  }
  set_scratch(CHANNELS_AT + token * CHANNEL_QUADS + quad, silu(sum));
}
