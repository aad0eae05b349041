// What adapters add to four rows of a matrix's product: B times the low values that `adapter-low.wgsl` left. Of ranks that
// this matrix does not have those are zero, and what is read of B in their place is some number.
@group(0) @binding(ADAPTER_BINDING) var<storage, read> adapter: array<vec4f>;
@group(0) @binding(ADAPTER_BINDING + 1u) var<storage, read> low: array<vec4u>;

fn active_quads() -> u32 {
  return low[0].x;
}

/// B of four rows and the four ranks that are the `index`-th in use.
fn ranks_of(index: u32, row: u32) -> mat4x4f {
  let at = low[1u + index].x * QUAD_WORDS + MATRIX_PARTS * BLOCKS * 32u + row;
  return mat4x4f(adapter[at], adapter[at + 1u], adapter[at + 2u], adapter[at + 3u]);
}

fn low_of(index: u32, token: u32, part: u32) -> vec4f {
  return bitcast<vec4f>(low[LOW_HEADER + (token * MATRIX_PARTS + part) * active_quads() + index]);
}

fn part_of(row: u32) -> u32 {
  if ALTERNATES {
    return row / 4u % 2u;
  }
  let begun = vec3u(row) >= vec3u(SECOND_PART, THIRD_PART, FOURTH_PART);
  return dot(select(vec3u(), vec3u(1u), begun), vec3u(1u));
}
