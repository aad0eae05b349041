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
import { score, softmax, weigh } from './attend-tile';

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
      valueStep * softmax(scores, from, end, q, reach),
      valueStep * softmax(scores + stride, from, end, q1, reach),
      valueStep * softmax(scores + 2 * stride, from, end, q2, reach),
      valueStep * softmax(scores + 3 * stride, from, end, q3, reach),
    );
  }
}
