// Norm, gate and up projections, SiLU(gate) · up, for a chunk of tokens. Rows of gate and up alternate.
@group(0) @binding(0) var<uniform> state: State;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> gated: array<f32>;

fn weigh(at: u32, value: vec4f) -> vec4f {
  return norm[at] * value;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_token = workgroup.y * TILE_TOKENS;
  let first_row = workgroup.x * TILE_ROWS;
  multiply_tile(local, first_token, first_row);
  for (var i = 0u; i < TOKENS_A_THREAD; i++) {
    let token = own_token(local, first_token) + i;
    for (var j = 0u; j < 4u; j += 2u) {
      let row = own_row(local, first_row) + j;
      if token < state.count && row < ROWS {
        gated[token * GATED_STRIDE + row / 2u] = silu(products[i][j]) * products[i][j + 1u];
      }
    }
  }
}
