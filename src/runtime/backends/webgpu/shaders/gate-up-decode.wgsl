// Gate and up projections and the activation, for one token and each of the experts it got, or the only block. Fours of gates and ups alternate; without a gate all rows are up.
var<workgroup> shared_holds: u32;

fn input_at(at: u32) -> vec4f {
  return scratch_quad(INPUT_AT + at);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  own_slot += workgroup.y;
  if IS_CUT {
    if local == 0u {
      shared_holds = u32(holds(own_slot));
    }
    if workgroupUniformLoad(&shared_holds) == 0u {
      return;
    }
  }
  let gated = GATED_AT + workgroup.y * GATED_QUADS;
  fetch_rows(local, first_row);
  multiply_rows(local, first_row);
  if !HAS_GATE {
    let row = first_row + 4u * local;
    if local < TILE_ROWS / 4u && row < ROWS {
      set_scratch(gated + row / 4u, activated(product_quad(local, first_row)) * slot_weight());
    }
    return;
  }
  let row = first_row + 8u * local;
  if local < TILE_ROWS / 8u && row < ROWS {
    let gates = product_quad(2u * local, first_row);
    let ups = product_quad(2u * local + 1u, first_row);
    set_scratch(gated + row / 8u, activated(gates) * lifted(ups) * slot_weight());
  }
}
