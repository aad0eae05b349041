import {
  ATTEND_HEAD_SIZE,
  ATTEND_HEADS,
  ATTEND_KEY_HEADS,
  ATTEND_OUT,
  ATTEND_QKV,
  ATTEND_REACH,
  ATTEND_SCALE,
  ATTEND_WIDTH,
} from '../../encoder-fields';
import { takeItem } from '../synchronise';
import { packKeys, packQuery, packValues } from './attend-pack';
import { raise, score, strikeOut, weigh, weights } from './attend-tile';

/**
 * Attention of each sequence over itself, in integers of 16 bits. An item is a sequence and a head. Its keys and values are
 * packed first, so that lanes are positions and dimensions and nothing needs a horizontal sum; then four queries at a time.
 * Positions past the end of a sequence stand in whole vectors with a weight of exactly 0.
 */

/** Scores count in powers of two. */
const LOG2_E: f32 = 1.44269504;

/** `scratch`: keys, values (padded to whole eights of positions), scores of four queries, and the queries. */
export function attendSequences(step: usize, sequences: usize, count: i32, scratch: usize): void {
  const heads = load<i32>(step + ATTEND_HEADS);
  for (let item = takeItem(); item < count * heads; item = takeItem()) {
    const sequence = sequences + <usize>(item / heads) * 8;
    attendHead(step, load<i32>(sequence), load<i32>(sequence, 4), item % heads, scratch);
  }
}

function attendHead(step: usize, first: i32, length: i32, head: i32, scratch: usize): void {
  const headSize = <usize>load<i32>(step + ATTEND_HEAD_SIZE);
  const heads = load<i32>(step + ATTEND_HEADS);
  const keyHeads = load<i32>(step + ATTEND_KEY_HEADS);
  const width = <usize>load<i32>(step + ATTEND_WIDTH) * 4;
  const reach = load<i32>(step + ATTEND_REACH);
  const rows = load<usize>(step + ATTEND_QKV) + <usize>first * width;
  const fromQuery = rows + <usize>head * headSize * 4;
  const keyHead = <usize>(head / (heads / keyHeads));
  const fromKey = rows + (<usize>heads + keyHead) * headSize * 4;
  const outWidth = <usize>heads * headSize * 4;
  const out = load<usize>(step + ATTEND_OUT) + <usize>first * outWidth + <usize>head * headSize * 4;
  const stride = (<usize>(length + 7) & ~7) * 4;
  const keys = scratch;
  const values = keys + (headSize / 2) * stride;
  const scores = values + (headSize / 2) * stride;
  const queries = scores + 4 * stride;
  const scale = load<f32>(step + ATTEND_SCALE) * LOG2_E * packKeys(fromKey, width, length, headSize, stride, keys);
  const valueStep = packValues(fromKey + <usize>keyHeads * headSize * 4, width, length, headSize, values);
  for (let q = 0; q < length; q += 4) {
    // A tile at the end goes over its last query again instead of past it.
    const q1 = min(q + 1, length - 1);
    const q2 = min(q + 2, length - 1);
    const q3 = min(q + 3, length - 1);
    const from = reach ? max(0, q - reach) & ~7 : 0;
    const end = reach ? min(length, q3 + reach + 1) : length;
    score(
      queries,
      headSize,
      keys,
      stride,
      from,
      end,
      scale * packQuery(fromQuery + <usize>q * width, headSize, queries),
      scale * packQuery(fromQuery + <usize>q1 * width, headSize, queries + headSize * 2),
      scale * packQuery(fromQuery + <usize>q2 * width, headSize, queries + headSize * 4),
      scale * packQuery(fromQuery + <usize>q3 * width, headSize, queries + headSize * 6),
      scores,
    );
    const scores1 = scores + stride;
    const scores2 = scores1 + stride;
    const scores3 = scores2 + stride;
    const most0 = strikeOut(scores, from, end, q, reach);
    const most1 = strikeOut(scores1, from, end, q1, reach);
    const most2 = strikeOut(scores2, from, end, q2, reach);
    const most3 = strikeOut(scores3, from, end, q3, reach);
    const sum0 = raise(scores, from, end, most0);
    const sum1 = raise(scores1, from, end, most1);
    const sum2 = raise(scores2, from, end, most2);
    const sum3 = raise(scores3, from, end, most3);
    weigh(
      values + <usize>from * headSize * 2,
      headSize,
      scores + <usize>from * 2,
      stride,
      end - from,
      out + <usize>q * outWidth,
      out + <usize>q1 * outWidth,
      out + <usize>q2 * outWidth,
      out + <usize>q3 * outWidth,
      valueStep * weights(scores, from, end, sum0),
      valueStep * weights(scores1, from, end, sum1),
      valueStep * weights(scores2, from, end, sum2),
      valueStep * weights(scores3, from, end, sum3),
    );
  }
}
