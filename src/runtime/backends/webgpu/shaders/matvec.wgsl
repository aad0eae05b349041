// Rows of a matrix times one vector: the core of every decode kernel.
// A group of THREADS_A_ROW lanes shares ROWS_A_THREAD rows; a workgroup holds ROW_GROUPS such groups, TILE_ROWS rows.
// The kernel around it provides `input_at` (the vector) and `weigh` (a norm's weights, or nothing); squares of the raw
// vector are summed on the way as one more row, so that the norm's factor, which is linear, is there after the dot
// without a pass and a barrier of its own.
const SUM_STRIDE = THREADS_A_ROW + 1u;
const SLICES = 8u;
const SUM_ROWS = TILE_ROWS + 1u;
const WORKGROUP = THREADS_A_ROW * ROW_GROUPS;

var<workgroup> lane_sums: array<f32, SUM_ROWS * SUM_STRIDE>;
var<workgroup> slice_sums: array<f32, SUM_ROWS * SLICES>;

fn multiply_rows(local: u32, first_row: u32) {
  let lane = local % THREADS_A_ROW;
  let group = local / THREADS_A_ROW;
  var sums: array<f32, ROWS_A_THREAD>;
  var squares = 0.0;
  for (var load = lane; load < BLOCKS * 4u / UNITS_A_LOAD; load += THREADS_A_ROW) {
    for (var step = 0u; step < UNITS_A_LOAD; step++) {
      let block = (load * UNITS_A_LOAD + step) >> 2u;
      let unit = (load * UNITS_A_LOAD + step) & 3u;
      let low_at = 8u * block + unit;
      let raw_low = input_at(low_at);
      let raw_high = input_at(low_at + 4u);
      squares += dot(raw_low, raw_low) + dot(raw_high, raw_high);
      let low = weigh(low_at, raw_low);
      let high = weigh(low_at + 4u, raw_high);
      for (var r = 0u; r < ROWS_A_THREAD; r++) {
        // Rows past the end repeat the last one: they are computed and never stored.
        let row = min(first_row + group * ROWS_A_THREAD + r, ROWS - 1u);
        let weight = weight_unit(row * BLOCKS + block, unit);
        sums[r] += dot(weight.low, low) + dot(weight.high, high);
      }
    }
  }
  for (var r = 0u; r < ROWS_A_THREAD; r++) {
    lane_sums[(group * ROWS_A_THREAD + r) * SUM_STRIDE + lane] = sums[r];
  }
  if group == 0u {
    lane_sums[TILE_ROWS * SUM_STRIDE + lane] = squares;
  }
  workgroupBarrier();
  for (var item = local; item < SUM_ROWS * SLICES; item += WORKGROUP) {
    var sum = 0.0;
    for (var at = item % SLICES; at < THREADS_A_ROW; at += SLICES) {
      sum += lane_sums[(item / SLICES) * SUM_STRIDE + at];
    }
    slice_sums[item] = sum;
  }
  workgroupBarrier();
}

fn row_sum(row: u32) -> f32 {
  var sum = 0.0;
  for (var slice = 0u; slice < SLICES; slice++) {
    sum += slice_sums[row * SLICES + slice];
  }
  return sum;
}

/// The factor of the RMS norm, for kernels whose input is normed.
fn norm_factor() -> f32 {
  return inverseSqrt(row_sum(TILE_ROWS) / f32(WIDTH) + EPSILON);
}
