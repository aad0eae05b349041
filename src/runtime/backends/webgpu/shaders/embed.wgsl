// Rows of the embedding table for a run of tokens. A table larger than one binding is cut into parts; each part fills the
// rows it holds.
@group(0) @binding(0) var<storage, read> tokens: array<u32>;
@group(0) @binding(1) var<storage, read> weights: array<vec4u>;
@group(0) @binding(2) var<storage, read_write> hidden: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let token = tokens[workgroup.x];
  if token < FIRST_TOKEN || token - FIRST_TOKEN >= ROWS {
    return;
  }
  for (var item = local; item < BLOCKS * 4u; item += WORKGROUP) {
    let weight = weight_unit((token - FIRST_TOKEN) * BLOCKS + item / 4u, item % 4u);
    let at = (workgroup.x * BLOCKS + item / 4u) * 8u + item % 4u;
    hidden[at] = weight.low * EMBEDDING_SCALE;
    hidden[at + 4u] = weight.high * EMBEDDING_SCALE;
  }
}
