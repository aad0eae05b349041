// Norm, query, key and value projections, rope, and the append to the KV cache, for one token.
// Rows are ordered so that the two values that turn together are neighbours, so a thread that owns a row pair has both.
@group(0) @binding(0) var<uniform> state: State;
@group(0) @binding(1) var<storage, read> hidden: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4u>;
@group(0) @binding(4) var<storage, read> rope: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> queries: array<f32>;
@group(0) @binding(6) var<storage, read_write> keys: array<f32>;
@group(0) @binding(7) var<storage, read_write> values: array<f32>;

fn input_at(at: u32) -> vec4f {
  return hidden[at];
}

fn weigh(at: u32, value: vec4f) -> vec4f {
  return norm[at] * value;
}

fn turn(pair: vec2f, dimension: u32) -> vec2f {
  if dimension >= ROPE_DIMENSIONS {
    return pair;
  }
  let angle = rope[state.position * (ROPE_DIMENSIONS / 2u) + dimension / 2u];
  return vec2f(pair.x * angle.x - pair.y * angle.y, pair.x * angle.y + pair.y * angle.x);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_row = workgroup.x * TILE_ROWS;
  multiply_rows(local, first_row);
  for (var pair = local; pair < TILE_ROWS / 2u; pair += WORKGROUP) {
    let row = first_row + 2u * pair;
    if row >= ROWS {
      continue;
    }
    let result = vec2f(row_sum(2u * pair), row_sum(2u * pair + 1u)) * norm_factor();
    if row < QUERY_WIDTH {
      let turned = turn(result, row % HEAD_SIZE) * ATTENTION_SCALE;
      queries[row] = turned.x;
      queries[row + 1u] = turned.y;
    } else if row < QUERY_WIDTH + KEY_WIDTH {
      let key_row = row - QUERY_WIDTH;
      let turned = turn(result, key_row % HEAD_SIZE);
      // Four values of a key lie together, then the same four of the next position; heads follow one another.
      let at = ((key_row / 4u) * CAPACITY + state.position) * 4u + key_row % 4u;
      keys[at] = turned.x;
      keys[at + 1u] = turned.y;
    } else {
      let value_row = row - QUERY_WIDTH - KEY_WIDTH;
      let head = value_row / HEAD_SIZE;
      let at = (head * CAPACITY + state.position) * HEAD_SIZE + value_row % HEAD_SIZE;
      values[at] = result.x;
      values[at + 1u] = result.y;
    }
  }
}
