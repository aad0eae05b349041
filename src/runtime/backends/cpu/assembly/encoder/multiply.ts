import {
  CENTRE_EVEN,
  FINE_BLOCK_BYTES,
  MULTIPLY_BLOCKS,
  MULTIPLY_CENTRE,
  MULTIPLY_DATA,
  MULTIPLY_FINE,
  MULTIPLY_GATE,
  MULTIPLY_GROUPS,
  MULTIPLY_OUT,
  MULTIPLY_WIDTH,
  RECORD_TOKENS,
  WEIGHT_BYTES,
} from '../../encoder-fields';
import { THREADS } from '../../plan-fields';
import { halfToFloat } from '../math';
import { field } from '../plan';
import { takeItem } from '../synchronise';
import { fineTile, fineTileBytes, widen } from './fine-tile';
import { storeTile } from './store-tile';
import { centreWeights, planesTile, tile, tileBytes } from './tile';

/** Products of 8-bit weights and activations of 7 bits (tile.ts) or more (fine-tile.ts), many tokens at a time. */

/** Q8_0 rows of a tensor → groups of 8 rows: 8 steps of (rows 0–3, rows 4–7) × 4 values, 8 d, 8 d Σq. */
export function repackEncoder(from: usize, rows: i32, blocks: i32, to: usize): void {
  const rowBytes = <usize>blocks * 34;
  for (let row = 0; row < rows; ++row) {
    const inGroup = <usize>(row & 7);
    let source = from + <usize>row * rowBytes;
    let target = to + <usize>(row >> 3) * <usize>blocks * WEIGHT_BYTES;
    for (let b = 0; b < blocks; ++b) {
      const d = halfToFloat(load<u16>(source));
      let sum = 0;
      for (let k: usize = 0; k < 32; ++k) sum += <i32>load<i8>(source + 2 + k);
      for (let step: usize = 0; step < 8; ++step) {
        store<u32>(target + step * 32 + inGroup * 4, load<u32>(source + 2 + step * 4));
      }
      store<f32>(target + inGroup * 4, d, 256);
      store<f32>(target + inGroup * 4, d * <f32>sum, 288);
      source += 34;
      target += WEIGHT_BYTES;
    }
  }
}

/** Groups of 8 rows that one thread takes at once: 64 bytes of a row of the output, so that no two threads write to one line of the cache. */
const GROUPS_AT_ONCE: i32 = 2;

/**
 * Rows are taken by whichever thread is free; where there are few of them for so many threads, the tokens are halved. `scratch` is the thread's own:
 * two tiles of 8 rows, half sums of one, then a group of the weights and of the gate as tiles want them.
 */
export function multiply(step: usize, count: i32, records: usize, scratch: usize): void {
  const groups = load<i32>(step + MULTIPLY_GROUPS);
  const runs = (groups + GROUPS_AT_ONCE - 1) / GROUPS_AT_ONCE;
  const tiles = (count + RECORD_TOKENS - 1) / RECORD_TOKENS;
  const parts = runs < 4 * field(THREADS) && tiles > 1 ? 2 : 1;
  const half = (tiles + 1) >> 1;
  for (let item = takeItem(); item < runs * parts; item = takeItem()) {
    const first = (item / parts) * GROUPS_AT_ONCE;
    const end = min(first + GROUPS_AT_ONCE, groups);
    const from = item % parts ? half : 0;
    const to = parts == 2 && !(item % parts) ? half : tiles;
    for (let g = first; g < end; ++g) multiplyGroup(step, g, from, to, records, scratch);
  }
}

function multiplyGroup(step: usize, group: i32, from: i32, to: i32, records: usize, scratch: usize): void {
  const blocks = load<i32>(step + MULTIPLY_BLOCKS);
  const width = <usize>load<i32>(step + MULTIPLY_WIDTH) * 4;
  const at = <usize>group * 32;
  const groupAt = <usize>group * <usize>blocks * WEIGHT_BYTES;
  const isFine = !ASC_FEATURE_RELAXED_SIMD || load<i32>(step + MULTIPLY_FINE) != 0;
  const centre = isFine ? CENTRE_EVEN : load<i32>(step + MULTIPLY_CENTRE);
  const gate = load<usize>(step + MULTIPLY_GATE);
  const own = scratch + 384;
  const ownGate = own + <usize>blocks * FINE_BLOCK_BYTES;
  prepareGroup(isFine, load<usize>(step + MULTIPLY_DATA) + groupAt, blocks, centre, own);
  if (gate) prepareGroup(isFine, gate + groupAt, blocks, centre, ownGate);
  let out = load<usize>(step + MULTIPLY_OUT) + <usize>from * RECORD_TOKENS * width + at;
  const bytes = isFine ? fineTileBytes(blocks) : tileBytes(blocks);
  for (let t = from; t < to; ++t) {
    const a = records + <usize>t * bytes;
    multiplyTile(isFine, own, a, blocks, scratch, scratch + 256);
    if (gate) multiplyTile(isFine, ownGate, a, blocks, scratch + 128, scratch + 256);
    storeTile(step, at, scratch, out, width);
    out += width * RECORD_TOKENS;
  }
}

/** A group's weights as its tiles want them, in FINE_BLOCK_BYTES a block at most. */
// @ts-expect-error: decorator
@inline
function prepareGroup(isFine: bool, w: usize, blocks: i32, centre: i32, to: usize): void {
  if (!FUSED_DOT && (!ASC_FEATURE_RELAXED_SIMD || isFine)) widen(w, blocks, to);
  else centreWeights(w, blocks, centre, to);
}

// @ts-expect-error: decorator
@inline
function multiplyTile(isFine: bool, w: usize, a: usize, blocks: i32, out: usize, parts: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD && !isFine) tile(w, a, blocks, out, parts);
  else if (FUSED_DOT) planesTile(w, a, blocks, out);
  else fineTile(w, a, blocks, out);
}
