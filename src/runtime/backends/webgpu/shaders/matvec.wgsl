// Rows of a matrix times one vector: the core of every decode kernel.
// A group of LANES threads shares ROWS_A_THREAD rows; a workgroup holds ROW_GROUPS such groups, TILE_ROWS rows. A thread
// takes the PARTS-th part of a block at a time. The time of a small model goes into waiting, not into arithmetic, so a
// kernel asks for all it will need before its first barrier: `fetch_rows` first, then whatever else it loads, then
// `multiply_rows`.
// A block is summed before it is scaled (`block_dot` of its reader), so a thread's inputs lie in registers, and their sums
// beside them: an offset of a block counts once, times the sum.
// The kernel around it provides `input_at`, the vector. Squares of the raw vector are summed on the way as one more row, so
// that an RMS norm's factor, which is linear, is there after the dot without a pass and a barrier of its own.
const PART_QUADS = 8u / PARTS;
const ITEMS = SLOTS * BLOCKS * PARTS;
const WORKGROUP = LANES * ROW_GROUPS;
const SUM_STRIDE = LANES | 1u;
const SUM_ROWS = TILE_ROWS + 1u;
/// Rows of many lanes are summed in two steps.
const SLICES = select(1u, 8u, LANES > 32u);

var<workgroup> lane_sums: array<f32, SUM_ROWS * SUM_STRIDE>;
var<workgroup> slice_sums: array<f32, SUM_ROWS * SLICES>;
/// Which of the blocks that the token got.
var<private> own_slot = FIRST_SLOT;
var<private> fetched: array<Block, ROWS_A_THREAD>;

fn fetch_item(group: u32, first_row: u32, item: u32) {
  if !holds(own_slot + item / PARTS / BLOCKS) {
    return;
  }
  for (var r = 0u; r < ROWS_A_THREAD; r++) {
    // Rows past the end repeat the last one: they are computed and never stored.
    let row = min(first_row + group * ROWS_A_THREAD + r, ROWS - 1u);
    fetched[r] = load_block(weight_block(row, item / PARTS), item % PARTS);
  }
}

/// Where a block of a row lies. IS_CHOSEN: the buffer holds the matrices of all experts, and the row goes through SLOTS of
/// those that the token got, from `own_slot` on: their results are added up.
fn weight_block(row: u32, block: u32) -> u32 {
  if IS_CHOSEN {
    let expert = scratch[CHOSEN_AT + own_slot + block / BLOCKS].x - FIRST_EXPERT;
    return (expert * ROWS + row) * BLOCKS + block % BLOCKS;
  }
  return row * BLOCKS + block;
}

/// Whether the buffer holds the expert of a slot. IS_CUT: a layer's experts lie in several, each of which has a dispatch.
fn holds(slot: u32) -> bool {
  return !IS_CUT || scratch[CHOSEN_AT + slot].x - FIRST_EXPERT < EXPERTS_HERE;
}

/// What the result of the own slot counts for.
fn slot_weight() -> f32 {
  if IS_WEIGHTED {
    return bitcast<f32>(scratch[CHOSEN_AT + own_slot].y);
  }
  return 1.0;
}

fn fetch_rows(local: u32, first_row: u32) {
  fetch_item(local / LANES, first_row, min(local % LANES, ITEMS - 1u));
}

fn multiply_rows(local: u32, first_row: u32) {
  let lane = local % LANES;
  let group = local / LANES;
  var sums: array<f32, ROWS_A_THREAD>;
  var squares = 0.0;
  for (var item = lane; item < ITEMS; item += LANES) {
    let blocks = fetched;
    if item + LANES < ITEMS {
      fetch_item(group, first_row, item + LANES);
    }
    var inputs: array<vec4f, PART_QUADS>;
    var halves = vec2f();
    let is_held = holds(own_slot + item / PARTS / BLOCKS);
    for (var i = 0u; i < PART_QUADS; i++) {
      let at = 8u * (item / PARTS) + item % PARTS + i * PARTS;
      let raw = select(vec4f(), input_at(at), is_held);
      squares += dot(raw, raw);
      inputs[i] = normed(raw, at);
      let sum = dot(inputs[i], vec4f(1.0));
      halves += select(vec2f(sum, 0.0), vec2f(0.0, sum), i >= PART_QUADS / 2u);
    }
    for (var r = 0u; r < ROWS_A_THREAD; r++) {
      sums[r] += block_dot(blocks[r], inputs, halves);
    }
  }
  for (var r = 0u; r < ROWS_A_THREAD; r++) {
    lane_sums[(group * ROWS_A_THREAD + r) * SUM_STRIDE + lane] = sums[r];
  }
  if group == 0u {
    lane_sums[TILE_ROWS * SUM_STRIDE + lane] = squares;
  }
  workgroupBarrier();
  if SLICES > 1u {
    for (var item = local; item < SUM_ROWS * SLICES; item += WORKGROUP) {
      var sum = 0.0;
      for (var at = item % SLICES; at < LANES; at += SLICES) {
        sum += lane_sums[(item / SLICES) * SUM_STRIDE + at];
      }
      slice_sums[item] = sum;
    }
    workgroupBarrier();
  }
}

fn row_sum(row: u32) -> f32 {
  var sum = 0.0;
  if SLICES > 1u {
    for (var slice = 0u; slice < SLICES; slice++) {
      sum += slice_sums[row * SLICES + slice];
    }
    return sum;
  }
  for (var lane = 0u; lane < LANES; lane++) {
    sum += lane_sums[row * SUM_STRIDE + lane];
  }
  return sum;
}

/// Of experts whose results are added up, the input was weighed; their biases are weighed here (WEIGHS_BIAS).
fn bias_quad(at: u32) -> vec4f {
  if !IS_CHOSEN {
    return front_quad(BIAS_AT + at);
  }
  var sum = vec4f();
  for (var slot = own_slot; slot < own_slot + SLOTS; slot++) {
    if holds(slot) {
      let chosen = scratch[CHOSEN_AT + slot];
      let four = front_quad(BIAS_AT + (chosen.x - FIRST_EXPERT) * ROWS / 4u + at);
      sum += four * select(1.0, bitcast<f32>(chosen.y), WEIGHS_BIAS);
    }
  }
  return sum;
}

fn normed(four: vec4f, at: u32) -> vec4f {
  if IS_NORMED {
    return four * front_quad(at);
  }
  return four;
}

/// What four rows of the tile come to, from the `4 · quad`-th on; zeros past the matrix.
fn product_quad(quad: u32, first_row: u32) -> vec4f {
  let row = first_row + 4u * quad;
  var four = vec4f(row_sum(4u * quad), row_sum(4u * quad + 1u), row_sum(4u * quad + 2u), row_sum(4u * quad + 3u));
  if IS_NORMED {
    four *= inverseSqrt(row_sum(TILE_ROWS) / f32(WIDTH) + EPSILON);
  }
  four += adapted(min(row, ROWS - 1u) / 4u * 4u);
  if HAS_BIAS {
    four += bias_quad(min(row, ROWS - 1u) / 4u);
  }
  return select(vec4f(), four, vec4u(row) + vec4u(0u, 1u, 2u, 3u) < vec4u(ROWS));
}
