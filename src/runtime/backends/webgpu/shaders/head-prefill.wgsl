// Final norm and output projection for a run of tokens: logits of every one of them.
@group(0) @binding(0) var<uniform> state: State;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4u>;
@group(0) @binding(4) var<storage, read_write> logits: array<f32>;

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
    for (var j = 0u; j < 4u; j++) {
      let row = own_row(local, first_row) + j;
      if token < state.count && row < ROWS {
        logits[token * VOCABULARY + FIRST_TOKEN + row] = products[i][j] * LOGIT_SCALE;
      }
    }
  }
}
