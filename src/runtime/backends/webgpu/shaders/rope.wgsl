// Turns four neighbours, two pairs. Rows of Q and K are ordered so that the values that turn together are neighbours.
fn turned(four: vec4f, angles: vec4f) -> vec4f {
  return vec4f(
    four.x * angles.x - four.y * angles.y, four.x * angles.y + four.y * angles.x,
    four.z * angles.z - four.w * angles.w, four.z * angles.w + four.w * angles.z,
  );
}

/// Cosine and sine of the two pairs that begin at `dimension` of a head; values past the turning ones stay as they are.
fn angles_of(token: u32, dimension: u32) -> vec4f {
  if dimension >= ROPE_DIMENSIONS {
    return vec4f(1.0, 0.0, 1.0, 0.0);
  }
  return scratch_quad(ANGLES_AT + token * ANGLE_QUADS + ROPE_AT + dimension / 4u);
}
