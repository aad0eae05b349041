// x · sigmoid(x). The exponent is held below what f32 can hold: shaders may assume that there is no infinity.
fn silu(value: f32) -> f32 {
  return value / (1.0 + exp(min(-value, 80.0)));
}
