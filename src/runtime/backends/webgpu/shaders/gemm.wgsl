// A tile of (tokens × inputs) · (rows × inputs)ᵀ: the core of every prefill kernel.
// Each step takes one block of 32 inputs: TILE_TOKENS vectors and TILE_ROWS dequantised rows go to workgroup memory, both
// with the input as the slow index; a thread then owns TOKENS_A_THREAD tokens × 4 neighbouring rows in registers. While it
// multiplies one block, the next one is on its way from memory to its registers.
// The arrays are of f32, not vec4f: threads that write different components of one shared vector may race.
// The kernel around it provides `input` (tokens × BLOCKS · 8 vec4f) and `weigh` (a norm's weights, or nothing).
const ROW_THREADS = TILE_ROWS / 4u;
const TOKEN_THREADS = TILE_TOKENS / TOKENS_A_THREAD;
const WORKGROUP = ROW_THREADS * TOKEN_THREADS;
/// Threads that load one token's inputs.
const LOADERS = WORKGROUP / TILE_TOKENS;
const INPUT_LOADS = 8u / LOADERS;
const WEIGHT_LOADS = TILE_ROWS * 4u / WORKGROUP;

var<workgroup> input_tile: array<f32, 32u * TILE_TOKENS>;
var<workgroup> weight_tile: array<f32, 32u * TILE_ROWS>;
var<private> products: array<vec4f, TOKENS_A_THREAD>;
var<private> next_inputs: array<vec4f, INPUT_LOADS>;
var<private> next_weights: array<Unit, WEIGHT_LOADS>;

fn fetch_block(local: u32, first_token: u32, first_row: u32, block: u32) {
  for (var i = 0u; i < INPUT_LOADS; i++) {
    let quad = local / TILE_TOKENS + i * LOADERS;
    next_inputs[i] = input[(first_token + local % TILE_TOKENS) * BLOCKS * 8u + block * 8u + quad];
  }
  for (var i = 0u; i < WEIGHT_LOADS; i++) {
    let item = local + i * WORKGROUP;
    // Rows past the end repeat the last one: they are computed and never stored.
    let row = min(first_row + item % TILE_ROWS, ROWS - 1u);
    next_weights[i] = weight_unit(row * BLOCKS + block, item / TILE_ROWS);
  }
}

fn store_input(at: u32, value: vec4f) {
  input_tile[at] = value.x;
  input_tile[at + TILE_TOKENS] = value.y;
  input_tile[at + 2u * TILE_TOKENS] = value.z;
  input_tile[at + 3u * TILE_TOKENS] = value.w;
}

fn store_weight(at: u32, value: vec4f) {
  weight_tile[at] = value.x;
  weight_tile[at + TILE_ROWS] = value.y;
  weight_tile[at + 2u * TILE_ROWS] = value.z;
  weight_tile[at + 3u * TILE_ROWS] = value.w;
}

fn multiply_tile(local: u32, first_token: u32, first_row: u32) {
  let token = local % TILE_TOKENS;
  let row_thread = local % ROW_THREADS;
  let token_thread = local / ROW_THREADS;
  // A chunk that fills no tile costs what it has: threads without a token of it only help to load.
  let is_idle = own_token(local, first_token) >= state.count;
  var squares = 0.0;
  fetch_block(local, first_token, first_row, 0u);
  for (var block = 0u; block < BLOCKS; block++) {
    for (var i = 0u; i < INPUT_LOADS; i++) {
      let quad = local / TILE_TOKENS + i * LOADERS;
      let raw = next_inputs[i];
      squares += dot(raw, raw);
      store_input(quad * 4u * TILE_TOKENS + token, weigh(block * 8u + quad, raw));
    }
    for (var i = 0u; i < WEIGHT_LOADS; i++) {
      let item = local + i * WORKGROUP;
      let at = item / TILE_ROWS * 4u * TILE_ROWS + item % TILE_ROWS;
      store_weight(at, next_weights[i].low);
      store_weight(at + 16u * TILE_ROWS, next_weights[i].high);
    }
    workgroupBarrier();
    if block + 1u < BLOCKS {
      fetch_block(local, first_token, first_row, block + 1u);
    }
    if !is_idle {
      for (var k = 0u; k < 32u; k++) {
        let at = k * TILE_ROWS + row_thread * 4u;
        let four = vec4f(weight_tile[at], weight_tile[at + 1u], weight_tile[at + 2u], weight_tile[at + 3u]);
        for (var i = 0u; i < TOKENS_A_THREAD; i++) {
          products[i] += input_tile[k * TILE_TOKENS + token_thread * TOKENS_A_THREAD + i] * four;
        }
      }
    }
    workgroupBarrier();
  }
  if IS_NORMED {
    // The tiles are spent: their memory carries each token's sum of squares from the loaders to the owners.
    input_tile[(local / TILE_TOKENS) * TILE_TOKENS + token] = squares;
    workgroupBarrier();
    for (var i = 0u; i < TOKENS_A_THREAD; i++) {
      var sum = 0.0;
      for (var loader = 0u; loader < LOADERS; loader++) {
        sum += input_tile[loader * TILE_TOKENS + token_thread * TOKENS_A_THREAD + i];
      }
      products[i] *= inverseSqrt(sum / f32(WIDTH) + EPSILON);
    }
  }
}

/// The first of the tokens this thread owns.
fn own_token(local: u32, first_token: u32) -> u32 {
  return first_token + local / ROW_THREADS * TOKENS_A_THREAD;
}

/// The first of the four rows this thread owns.
fn own_row(local: u32, first_row: u32) -> u32 {
  return first_row + local % ROW_THREADS * 4u;
}
