// The down projection, added to the residual stream, for one token.
@group(0) @binding(0) var<storage, read> gated: array<vec4f>;
@group(0) @binding(1) var<storage, read> weights: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> hidden: array<f32>;

fn input_at(at: u32) -> vec4f {
  return gated[at];
}

fn weigh(at: u32, value: vec4f) -> vec4f {
  return value;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  multiply_rows(local, first_row);
  for (var row = local; row < TILE_ROWS; row += WORKGROUP) {
    if first_row + row < ROWS {
      hidden[first_row + row] += row_sum(row) * RESIDUAL_SCALE;
    }
  }
}
