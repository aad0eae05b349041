// Puts the splits of the attention together and projects the result, for one token.
// Every workgroup joins the whole vector for itself: that is less work than one more dispatch.
var<workgroup> attended: array<vec4f, BLOCKS * 8u>;

fn input_at(at: u32) -> vec4f {
  return attended[at];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  fetch_rows(local, first_row);
  let row = first_row + 4u * local;
  let out = OUTPUT_AT + min(row, ROWS - 1u) / 4u;
  var before = vec4f();
  if IS_ADDED {
    before = scratch_quad(out);
  }
  let splits = split_count(first_position() + 1u);
  share_splits(local, splits);
  for (var at = local; at < BLOCKS * 8u; at += WORKGROUP) {
    // The last block of a row may reach past the heads.
    if at < HEADS * HEAD_QUADS {
      attended[at] = joined(at, splits);
    } else {
      attended[at] = vec4f();
    }
  }
  workgroupBarrier();
  multiply_rows(local, first_row);
  if local < TILE_ROWS / 4u && row < ROWS {
    set_scratch(out, before + product_quad(local, first_row) * OUTPUT_SCALE);
  }
}
