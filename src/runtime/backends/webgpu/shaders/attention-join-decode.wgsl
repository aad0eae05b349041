// Puts the splits of the attention together in a dispatch of its own, where the heads are too wide for the next kernel.
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let splits = split_count(first_position() + 1u);
  share_splits(local, splits);
  let at = workgroup.x * WORKGROUP + local;
  if at < HEADS * HEAD_QUADS {
    set_scratch(ATTENDED_AT + at, joined(at, splits));
  }
}
