// The output projection for one token: all logits, and the likeliest token of each workgroup.
@group(0) @binding(2) var<storage, read_write> logits: array<vec4f>;

var<workgroup> bests: array<Candidate, TILE_ROWS / 4u>;

fn input_at(at: u32) -> vec4f {
  return scratch_quad(INPUT_AT + at);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  fetch_rows(local, first_row);
  multiply_rows(local, first_row);
  if local < TILE_ROWS / 4u {
    let row = first_row + 4u * local;
    let four = soft_capped(product_quad(local, first_row) * LOGIT_SCALE, LOGIT_CAP);
    if row < ROWS {
      logits[(FIRST_ROW + row) / 4u] = four;
    }
    bests[local] = best_of(four, FIRST_ROW + row, FIRST_ROW + ROWS);
  }
  workgroupBarrier();
  if local == 0u {
    var best = bests[0];
    for (var i = 1u; i < TILE_ROWS / 4u; i++) {
      best = better(best, bests[i]);
    }
    set_candidate(FIRST_ROW / TILE_ROWS + workgroup.x, best);
  }
}
