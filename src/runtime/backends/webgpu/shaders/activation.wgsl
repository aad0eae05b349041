// The activations by their number in `model-constants.ts`: 0 SiLU, 1 GELU (its tanh approximation), 2 ReLU, 3 ReLU², 4 clamped.
// Exponents are held below what f32 can hold: shaders may assume that there is no infinity.
fn activated(x: vec4f) -> vec4f {
  if ACTIVATION == 0u {
    return x / (1.0 + exp(min(-x, vec4f(80.0))));
  }
  if ACTIVATION == 1u {
    let inner = 0.7978845608 * x * (1.0 + 0.044715 * x * x);
    return 0.5 * x * (1.0 + tanh(clamp(inner, vec4f(-20.0), vec4f(20.0))));
  }
  if ACTIVATION == 4u {
    let most = min(x, vec4f(7.0));
    return most / (1.0 + exp(min(-1.702 * most, vec4f(80.0))));
  }
  let positive = max(x, vec4f());
  return select(positive, positive * positive, ACTIVATION == 3u);
}

/// What an activation of the gate multiplies.
fn lifted(up: vec4f) -> vec4f {
  if ACTIVATION == 4u {
    return clamp(up, vec4f(-7.0), vec4f(7.0)) + 1.0;
  }
  return up;
}
