// Of one token.
fn adapted(row: u32) -> vec4f {
  let part = part_of(row);
  var sum = vec4f();
  for (var i = 0u; i < active_quads(); i++) {
    sum += ranks_of(i, row) * low_of(i, 0u, part);
  }
  return sum;
}
