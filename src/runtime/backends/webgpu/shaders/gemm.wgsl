// A tile of (tokens × inputs) · (rows × inputs)ᵀ: the core of every prefill kernel.
// Each step takes one block of 32 inputs: TILE_TOKENS vectors and TILE_ROWS dequantised rows go to workgroup memory, both
// with the input as the slow index; a thread then owns TOKENS_A_THREAD tokens × 4 neighbouring rows in registers.
// The arrays are of f32, not vec4f: threads that write different components of one shared vector may race.
// The kernel around it provides `input` (tokens × BLOCKS · 8 vec4f) and `weigh` (a norm's weights, or nothing).
const ROW_THREADS = TILE_ROWS / 4u;
const TOKEN_THREADS = TILE_TOKENS / TOKENS_A_THREAD;
const WORKGROUP = ROW_THREADS * TOKEN_THREADS;
/// Threads that load one token's inputs.
const LOADERS = WORKGROUP / TILE_TOKENS;

var<workgroup> input_tile: array<f32, 32u * TILE_TOKENS>;
var<workgroup> weight_tile: array<f32, 32u * TILE_ROWS>;
var<private> products: array<vec4f, TOKENS_A_THREAD>;

fn store_four(at: u32, stride: u32, is_weight: bool, value: vec4f) {
  for (var i = 0u; i < 4u; i++) {
    if is_weight {
      weight_tile[at + i * stride] = value[i];
    } else {
      input_tile[at + i * stride] = value[i];
    }
  }
}

fn multiply_tile(local: u32, first_token: u32, first_row: u32) {
  let token = local % TILE_TOKENS;
  let row_thread = local % ROW_THREADS;
  let token_thread = local / ROW_THREADS;
  // A chunk that fills no tile costs what it has: threads without a token of it only help to load.
  let is_idle = own_token(local, first_token) >= state.count;
  var squares = 0.0;
  for (var block = 0u; block < BLOCKS; block++) {
    for (var quad = local / TILE_TOKENS; quad < 8u; quad += LOADERS) {
      let at = block * 8u + quad;
      let raw = input[(first_token + token) * BLOCKS * 8u + at];
      squares += dot(raw, raw);
      store_four(quad * 4u * TILE_TOKENS + token, TILE_TOKENS, false, weigh(at, raw));
    }
    for (var item = local; item < TILE_ROWS * 4u; item += WORKGROUP) {
      let row = item % TILE_ROWS;
      let unit = item / TILE_ROWS;
      let weight = weight_unit(min(first_row + row, ROWS - 1u) * BLOCKS + block, unit);
      store_four(unit * 4u * TILE_ROWS + row, TILE_ROWS, true, weight.low);
      store_four((unit + 4u) * 4u * TILE_ROWS + row, TILE_ROWS, true, weight.high);
    }
    workgroupBarrier();
    for (var k = 0u; k < 32u && !is_idle; k++) {
      let at = k * TILE_ROWS + row_thread * 4u;
      let four = vec4f(weight_tile[at], weight_tile[at + 1u], weight_tile[at + 2u], weight_tile[at + 3u]);
      for (var i = 0u; i < TOKENS_A_THREAD; i++) {
        products[i] += input_tile[k * TILE_TOKENS + token_thread * TOKENS_A_THREAD + i] * four;
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
