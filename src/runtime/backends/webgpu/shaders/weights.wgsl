// A matrix: in front, as f32, the weights of the norm before it and the bias behind it, where it has them; then its blocks.
@group(0) @binding(1) var<storage, read> weights: array<vec4u>;

fn front_quad(at: u32) -> vec4f {
  return bitcast<vec4f>(weights[at]);
}
