// Norm, query, key and value projections, rope, and the append to the KV cache, for a chunk of tokens.
@group(0) @binding(0) var<uniform> state: State;
@group(0) @binding(1) var<storage, read> input: array<vec4f>;
@group(0) @binding(2) var<storage, read> norm: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4u>;
@group(0) @binding(4) var<storage, read> rope: array<vec2f>;
@group(0) @binding(5) var<storage, read_write> queries: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> keys: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> values: array<vec4f>;

fn weigh(at: u32, value: vec4f) -> vec4f {
  return norm[at] * value;
}

fn turn(pair: vec2f, dimension: u32, position: u32) -> vec2f {
  if dimension >= ROPE_DIMENSIONS {
    return pair;
  }
  let angle = rope[position * (ROPE_DIMENSIONS / 2u) + dimension / 2u];
  return vec2f(pair.x * angle.x - pair.y * angle.y, pair.x * angle.y + pair.y * angle.x);
}

fn turn_four(four: vec4f, dimension: u32, position: u32) -> vec4f {
  return vec4f(turn(four.xy, dimension, position), turn(four.zw, dimension + 2u, position));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let first_token = workgroup.y * TILE_TOKENS;
  let first_row = workgroup.x * TILE_ROWS;
  multiply_tile(local, first_token, first_row);
  let row = own_row(local, first_row);
  if row >= ROWS {
    return;
  }
  for (var i = 0u; i < TOKENS_A_THREAD; i++) {
    let token = own_token(local, first_token) + i;
    if token >= state.count {
      return;
    }
    let position = state.position + token;
    if row < QUERY_WIDTH {
      let turned = turn_four(products[i], row % HEAD_SIZE, position) * ATTENTION_SCALE;
      queries[token * QUERY_QUADS + row / 4u] = turned;
    } else if row < QUERY_WIDTH + KEY_WIDTH {
      let key_row = row - QUERY_WIDTH;
      keys[(key_row / 4u) * CAPACITY + position] = turn_four(products[i], key_row % HEAD_SIZE, position);
    } else {
      let value_row = row - QUERY_WIDTH - KEY_WIDTH;
      let head = value_row / HEAD_SIZE;
      values[((head * CAPACITY + position) * HEAD_SIZE + value_row % HEAD_SIZE) / 4u] = products[i];
    }
  }
}
