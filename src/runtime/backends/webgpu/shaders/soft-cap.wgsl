// cap · tanh(x / cap), or x itself where the cap is 0.
fn soft_capped(x: vec4f, cap: f32) -> vec4f {
  if cap == 0.0 {
    return x;
  }
  return cap * tanh(clamp(x / max(cap, 1e-6), vec4f(-20.0), vec4f(20.0)));
}
