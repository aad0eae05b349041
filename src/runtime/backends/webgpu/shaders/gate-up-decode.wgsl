// Norm, gate and up projections, SiLU(gate) · up, for one token. Rows of gate and up alternate.
@group(0) @binding(0) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(1) var<storage, read> norm: array<vec4f>;
@group(0) @binding(2) var<storage, read> weights: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> gated: array<f32>;

fn input_at(at: u32) -> vec4f {
  return hidden[at];
}

fn weigh(at: u32, value: vec4f) -> vec4f {
  return norm[at] * value;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  multiply_rows(local, first_row);
  for (var pair = local; pair < TILE_ROWS / 2u; pair += WORKGROUP) {
    let row = first_row + 2u * pair;
    if row < ROWS {
      let factor = norm_factor();
      gated[row / 2u] = silu(row_sum(2u * pair) * factor) * row_sum(2u * pair + 1u) * factor;
    }
  }
}
