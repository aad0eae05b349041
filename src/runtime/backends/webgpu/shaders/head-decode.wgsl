// Final norm and output projection for one token: all logits, and the likeliest token of each workgroup.
@group(0) @binding(0) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(1) var<storage, read> norm: array<vec4f>;
@group(0) @binding(2) var<storage, read> weights: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> logits: array<f32>;
@group(0) @binding(4) var<storage, read_write> candidates: array<Candidate>;

var<workgroup> tile_logits: array<f32, TILE_ROWS>;

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
  for (var row = local; row < TILE_ROWS; row += WORKGROUP) {
    let logit = row_sum(row) * norm_factor() * LOGIT_SCALE;
    tile_logits[row] = logit;
    if first_row + row < ROWS {
      logits[FIRST_TOKEN + first_row + row] = logit;
    }
  }
  workgroupBarrier();
  if local == 0u {
    var best = candidate_of(tile_logits[0], FIRST_TOKEN + first_row);
    for (var row = 1u; row < min(TILE_ROWS, ROWS - first_row); row++) {
      best = better(best, candidate_of(tile_logits[row], FIRST_TOKEN + first_row + row));
    }
    candidates[FIRST_CANDIDATE + workgroup.x] = best;
  }
}
