// The output projection for a run of tokens: logits of every one of them. `tile` says which tokens of the chunk: the first,
// and how many.
@group(0) @binding(2) var<storage, read_write> logits: array<f32>;
@group(0) @binding(3) var<uniform> tile: vec4u;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_token = tile.x + workgroup.y * TILE_TOKENS;
  let first_row = workgroup.x * TILE_ROWS;
  let end = tile.x + tile.y;
  multiply_tile(local, first_token, first_row, end);
  let row = own_row(local, first_row);
  for (var i = 0u; i < TOKENS_A_THREAD; i++) {
    let token = own_token(local, first_token) + i;
    if token >= end {
      return;
    }
    let four = soft_capped(product_quad(i, row) * LOGIT_SCALE, LOGIT_CAP);
    for (var j = 0u; j < 4u; j++) {
      // Tokens are as many as they are: the rows of the result need not begin at whole vectors.
      if row + j < ROWS {
        logits[(token - tile.x) * VOCABULARY + FIRST_ROW + row + j] = four[j];
      }
    }
  }
}
