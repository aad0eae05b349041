// A tile of (tokens × inputs) · (rows × inputs)ᵀ: the core of every prefill kernel.
// Each step takes one block of 32 inputs: TILE_TOKENS vectors and TILE_ROWS dequantised rows go to workgroup memory, both
// with the input as the slow index; a thread then owns TOKENS_A_THREAD tokens × 4 neighbouring rows in registers. While it
// multiplies one block, the next one is on its way from memory to its registers.
// Workgroup memory is read and written in whole vec4f of four neighbouring tokens or rows at one input: a thread loads four
// of each and turns them round in its registers. Their places are mixed (`^`) so that a store meets all banks.
const ROW_QUADS = TILE_ROWS / 4u;
const TOKEN_QUADS = TILE_TOKENS / 4u;
const OWN_TOKEN_QUADS = TOKENS_A_THREAD / 4u;
const WORKGROUP = ROW_QUADS * TOKEN_QUADS / OWN_TOKEN_QUADS;
const INPUT_ITEMS = TOKEN_QUADS * 8u;
const INPUT_LOADS = (INPUT_ITEMS + WORKGROUP - 1u) / WORKGROUP;
const WEIGHT_ITEMS = ROW_QUADS * 8u;
const WEIGHT_LOADS = (WEIGHT_ITEMS + WORKGROUP - 1u) / WORKGROUP;

// Which tokens and which matrix they are, `tokens-in-order.wgsl` and `tokens-by-expert.wgsl` say.
var<workgroup> input_tile: array<vec4f, 32u * TOKEN_QUADS>;
var<workgroup> weight_tile: array<vec4f, 32u * ROW_QUADS>;
/// What the bias counts for: an expert's input was weighed before.
var<private> bias_weight = 1.0;
var<private> products: array<vec4f, TOKENS_A_THREAD>;
var<private> next_inputs: array<mat4x4f, INPUT_LOADS>;
var<private> next_weights: array<mat4x4f, WEIGHT_LOADS>;

fn fetch_block(local: u32, first_token: u32, first_row: u32, block: u32) {
  for (var i = 0u; i < INPUT_LOADS; i++) {
    let item = min(local + i * WORKGROUP, INPUT_ITEMS - 1u);
    let token = first_token + item / 8u * 4u;
    let at = block * 8u + item % 8u;
    next_inputs[i] = mat4x4f(
      scratch_quad(input_row(token) + at), scratch_quad(input_row(token + 1u) + at),
      scratch_quad(input_row(token + 2u) + at), scratch_quad(input_row(token + 3u) + at),
    );
  }
  for (var i = 0u; i < WEIGHT_LOADS; i++) {
    let item = min(local + i * WORKGROUP, WEIGHT_ITEMS - 1u);
    // Rows past the end repeat the last one: they are computed and never stored.
    let row = first_row + item / 8u * 4u;
    next_weights[i] = mat4x4f(
      weight_quad(weight_row(row) + block, item % 8u),
      weight_quad(weight_row(row + 1u) + block, item % 8u),
      weight_quad(weight_row(row + 2u) + block, item % 8u),
      weight_quad(weight_row(row + 3u) + block, item % 8u),
    );
  }
}

fn multiply_tile(local: u32, first_token: u32, first_row: u32, count: u32) {
  let row_thread = local % ROW_QUADS;
  let token_thread = local / ROW_QUADS;
  // A chunk that fills no tile costs what it has: threads without a token of it only help to load.
  let is_idle = own_token(local, first_token) >= count;
  var squares = array<vec4f, INPUT_LOADS>();
  fetch_block(local, first_token, first_row, 0u);
  for (var block = 0u; block < BLOCKS; block++) {
    for (var i = 0u; i < INPUT_LOADS; i++) {
      let item = local + i * WORKGROUP;
      let quad = item % 8u;
      let raw = next_inputs[i];
      if IS_NORMED {
        squares[i] += vec4f(dot(raw[0], raw[0]), dot(raw[1], raw[1]), dot(raw[2], raw[2]), dot(raw[3], raw[3]));
      }
      let at = block * 8u + quad;
      var norm = vec4f(1.0);
      if IS_NORMED {
        norm = front_quad(at);
      }
      let turned = transpose(mat4x4f(norm * raw[0], norm * raw[1], norm * raw[2], norm * raw[3]));
      if INPUT_ITEMS % WORKGROUP == 0u || item < INPUT_ITEMS {
        let place = quad * 4u * TOKEN_QUADS + ((item / 8u) ^ quad);
        input_tile[place] = turned[0];
        input_tile[place + TOKEN_QUADS] = turned[1];
        input_tile[place + 2u * TOKEN_QUADS] = turned[2];
        input_tile[place + 3u * TOKEN_QUADS] = turned[3];
      }
    }
    for (var i = 0u; i < WEIGHT_LOADS; i++) {
      let item = local + i * WORKGROUP;
      let quad = item % 8u;
      let turned = transpose(next_weights[i]);
      if WEIGHT_ITEMS % WORKGROUP == 0u || item < WEIGHT_ITEMS {
        let place = quad * 4u * ROW_QUADS + ((item / 8u) ^ quad);
        weight_tile[place] = turned[0];
        weight_tile[place + ROW_QUADS] = turned[1];
        weight_tile[place + 2u * ROW_QUADS] = turned[2];
        weight_tile[place + 3u * ROW_QUADS] = turned[3];
      }
    }
    workgroupBarrier();
    if block + 1u < BLOCKS {
      fetch_block(local, first_token, first_row, block + 1u);
    }
    if !is_idle {
      for (var k = 0u; k < 32u; k++) {
        let four = weight_tile[k * ROW_QUADS + (row_thread ^ (k >> 2u))];
        for (var i = 0u; i < OWN_TOKEN_QUADS; i++) {
          let tokens = input_tile[k * TOKEN_QUADS + ((token_thread * OWN_TOKEN_QUADS + i) ^ (k >> 2u))];
          products[4u * i] += tokens.x * four;
          products[4u * i + 1u] += tokens.y * four;
          products[4u * i + 2u] += tokens.z * four;
          products[4u * i + 3u] += tokens.w * four;
        }
      }
    }
    workgroupBarrier();
  }
  if IS_NORMED {
    // The tiles are spent: their memory carries each token's sum of squares from the loaders to the owners.
    for (var i = 0u; i < INPUT_LOADS; i++) {
      let item = local + i * WORKGROUP;
      if item < INPUT_ITEMS {
        input_tile[item % 8u * TOKEN_QUADS + item / 8u] = squares[i];
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < OWN_TOKEN_QUADS; i++) {
      var sum = vec4f();
      for (var quad = 0u; quad < 8u; quad++) {
        sum += input_tile[quad * TOKEN_QUADS + token_thread * OWN_TOKEN_QUADS + i];
      }
      let factor = inverseSqrt(sum / f32(WIDTH) + EPSILON);
      products[4u * i] *= factor.x;
      products[4u * i + 1u] *= factor.y;
      products[4u * i + 2u] *= factor.z;
      products[4u * i + 3u] *= factor.w;
    }
  }
  add_adapters(own_token(local, first_token), min(own_row(local, first_row), ROWS - 1u) / 4u * 4u);
}

/// What a token's four rows come to; zeros past the matrix.
fn product_quad(i: u32, row: u32) -> vec4f {
  var four = products[i];
  if HAS_BIAS {
    four += bias_weight * front_quad(BIAS_AT + bias_start() + min(row, ROWS - 1u) / 4u);
  }
  return select(vec4f(), four, vec4u(row) + vec4u(0u, 1u, 2u, 3u) < vec4u(ROWS));
}

/// The first of the tokens this thread owns.
fn own_token(local: u32, first_token: u32) -> u32 {
  return first_token + local / ROW_QUADS * TOKENS_A_THREAD;
}

/// The first of the four rows this thread owns.
fn own_row(local: u32, first_row: u32) -> u32 {
  return first_row + local % ROW_QUADS * 4u;
}
