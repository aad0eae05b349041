import {
  FOUND_BYTES,
  JOB_BESIDES,
  JOB_LIKELIEST,
  MOST_FOUND,
  OUTLINE,
  OUTLINE_BESIDES,
  OUTLINE_ERRORS,
  OUTLINE_GROUP_ERRORS,
  OUTLINE_MARKS,
  OUTLINE_PEAKS,
  OUTLINE_READ,
  OUTLINE_ROWS,
  OUTLINE_SPREAD,
} from '../outline-fields';
import {
  HEAD,
  LOGITS,
  MATRIX_BIAS,
  MATRIX_BLOCKS,
  MATRIX_DATA,
  MATRIX_GROUPS,
  MATRIX_KERNEL,
  MATRIX_STRIDE,
  PLAN,
  SCRATCH_FOUND,
  SCRATCH_NORMALISED,
  SCRATCH_TILE_SUMS,
  THREADS,
} from '../plan-fields';
import { addRow } from './kernels/elementwise';
import { outlineRow } from './kernels/outline-row';
import { gemv } from './kernels/table';
import { tileSums } from './kernels/tile-sums';
import { maxLanes } from './math';
import { multiplyShare, rowOf } from './matrix';
import { scratch } from './own-scratch';
import { field, scaleField } from './plan';
import { barrier, shareStart } from './synchronise';

/**
 * The highest logits without reading all of the head: its weights stand beside it in four bits, in outline. From those come all
 * logits, nearly; only groups of rows that may hold one of the highest are then read in full. The other logits stay as they are,
 * below the highest.
 *
 * Which groups those are is a matter of chance, with odds at which it does not happen. What a row differs by from its outline,
 * `errors` long, meets activations of the root mean square `spread`: where neither knows of the other, the logit is off by
 * errors * spread in the mean, and sums of rounding errors have tails no longer than a normal distribution's. Weights that do conspire
 * with activations are noticed: groups all over the head are read in full for every token, and if they are further off, all are taken
 * to be. docs/decisions/0014 has what was measured.
 */

/** Groups read in full in each thread's share for what outlines are off by. */
const SAMPLES: i32 = 16;
/** How many times its usual error a logit may be too low and is still found: the highest is missed once in 10^15 tokens. */
const WIDE: f32 = 8;
/** The same for the last of those that are asked for: one as likely as it is missed once in 300,000 tokens, a likelier one more rarely. */
const NARROW: f32 = 4.5;
/** Beyond it no weight counts beside the highest. */
const WIDEST_SEARCH: f32 = 64;
/** Where lists of the highest begin in a thread's sums: behind the logits of two groups. */
const LIST: usize = 64;
/** Below every logit, and finite. */
const NOTHING: f32 = -1e30;

/** The token's logits. */
let logitsAt: usize = 0;
/** The token's activations as the head reads them. */
let exact: usize = 0;
/** A group that is to be read in full with the next one; -1: none. */
let waiting: i32 = -1;
/** The highest exact logits, descending, `wanted` of them: of this thread, then of all. */
let highest: usize = 0;
let wanted: i32 = 0;
/** Groups read in full. */
let groupsRead: i32 = 0;
/** Sums of squares over their rows: what those were off by, and their errors. */
let squaredMiss: f32 = 0;
let squaredErrors: f32 = 0;
/** What a logit is usually off by, divided by the length of its error. */
let spread: f32 = 0;

/** Four-bit weights and errors of `groups` groups of the head from `first` on, which have their weights. */
export function outlineGroups(first: i32, groups: i32): void {
  const head: usize = PLAN + HEAD;
  const row = scratch(0, SCRATCH_NORMALISED);
  const blocks = load<i32>(head + MATRIX_BLOCKS);
  const stride = load<usize>(PLAN + OUTLINE + MATRIX_STRIDE);
  for (let g = first; g < first + groups; ++g) {
    const to = load<usize>(PLAN + OUTLINE + MATRIX_DATA) + <usize>g * stride;
    let greatest: f32 = 0;
    for (let r = g * 8; r < endOf(g); ++r) {
      rowOf(head, r, row);
      const error = outlineRow(row, blocks, to, r & 7);
      store<f32>(errorAt(r), error);
      greatest = max(greatest, error);
    }
    store<f32>(<usize>field(OUTLINE_GROUP_ERRORS) + <usize>g * 4, greatest);
  }
}

/**
 * Thread's share of the logits of one token: `activations` are as the head reads them, `rough` as the outline does.
 * Threads meet once, to tell each other their highest: a share without the likeliest token would think much of what it has.
 */
export function likelyShare(thread: i32, activations: usize, rough: usize, x: usize): void {
  exact = activations;
  logitsAt = field(LOGITS);
  waiting = -1;
  groupsRead = 0;
  const groups = load<i32>(PLAN + HEAD + MATRIX_GROUPS);
  const first = shareStart(groups, thread);
  const end = shareStart(groups, thread + 1);
  begin(tileSums() + LIST);
  if (first < end) {
    multiplyShare(PLAN + OUTLINE, thread, rough, x, field(LOGITS), false, 1);
    memory.fill(<usize>field(OUTLINE_MARKS) + <usize>first, 0, <usize>(end - first));
    for (let g = first; g < end; ++g) notePeak(g);
    readSamples(first, end);
    readFrom(first, end, roughly(first, end));
  }
  barrier();
  begin(highest + <usize>wanted * 4);
  for (let other = 0; other < field(THREADS); ++other) {
    const theirs = scratch(other, SCRATCH_TILE_SUMS) + LIST;
    for (let i: usize = 0; i < <usize>wanted; ++i) keep(load<f32>(theirs + i * 4));
  }
  readPossible(first, end);
  listFrom(first, end, load<f32>(highest + <usize>(wanted - 1) * 4), scratch(thread, SCRATCH_FOUND));
  if (ASC_FEATURE_THREADS) atomic.add<i32>(PLAN + OUTLINE_READ, groupsRead);
  else store<i32>(PLAN + OUTLINE_READ, groupsRead);
}

/** Groups evenly over the share, and those that are read in full whatever they are. */
function readSamples(first: i32, end: i32): void {
  squaredMiss = 0;
  squaredErrors = 0;
  const step = max(1, (end - first) / SAMPLES);
  for (let g = first; g < end; g += step) want(g);
  for (let g = first; field(JOB_BESIDES) > 0 && g < end; ++g) if (besidesOf(g) != 0) want(g);
  readWaiting();
  const usual = scaleField(OUTLINE_SPREAD);
  spread = squaredErrors > 0 ? max(usual, sqrt<f32>(squaredMiss / squaredErrors)) : usual;
}

/** Groups whose peak is `least` or more. */
function readFrom(first: i32, end: i32, least: f32): void {
  for (let g = first; g < end; ++g) if (load<f32>(peakAt(g)) >= least) want(g);
  readWaiting();
}

/** Groups that may hold one of the highest of all threads, with all that they may be off by. */
function readPossible(first: i32, end: i32): void {
  for (let g = first; g < end; ++g) {
    if (!isPossible(load<f32>(peakAt(g)), load<f32>(<usize>field(OUTLINE_GROUP_ERRORS) + <usize>g * 4))) continue;
    for (let r = g * 8; r < endOf(g); ++r) {
      if (isBesides(r) || !isPossible(load<f32>(logitAt(r)), load<f32>(errorAt(r)))) continue;
      want(g);
      break;
    }
  }
  readWaiting();
}

/** Whether a logit may be among the highest, with all that a row with such an error may be off by. */
// @ts-expect-error: decorator
@inline
function isPossible(logit: f32, error: f32): bool {
  const last = load<f32>(highest + <usize>(wanted - 1) * 4);
  return logit + WIDE * spread * error >= load<f32>(highest) || logit + NARROW * spread * error >= last;
}

/**
 * Names the highest of each of `count` tokens whose logits are all there: at least as many of the share as are wanted of all.
 */
export function nameLikely(thread: i32, count: i32): void {
  const groups = load<i32>(PLAN + HEAD + MATRIX_GROUPS);
  const first = shareStart(groups, thread);
  const end = shareStart(groups, thread + 1);
  for (let t: usize = 0; t < <usize>count; ++t) {
    logitsAt = <usize>field(LOGITS) + t * <usize>groups * 32;
    const to = scratch(thread, SCRATCH_FOUND) + t * FOUND_BYTES;
    if (first >= end) {
      store<i32>(to, 0);
      continue;
    }
    for (let g = first; g < end; ++g) notePeak(g);
    begin(tileSums() + LIST);
    keepFrom(first, end, roughly(first, end));
    // Where they lie far apart the search ends before it has found enough: then all are looked at.
    if (listFrom(first, end, load<f32>(highest + <usize>(wanted - 1) * 4), to) < wanted) store<i32>(to, -1);
  }
}

/** Takes the share's logits of `least` and more among the highest. */
function keepFrom(first: i32, end: i32, least: f32): void {
  for (let g = first; g < end; ++g) {
    if (load<f32>(peakAt(g)) < least) continue;
    for (let r = g * 8; r < endOf(g); ++r) if (!isBesides(r)) keep(load<f32>(logitAt(r)));
  }
}

/**
 * Tells the driver which rows the highest are, from `least` on: their number, then the rows in their order; -1 where they are too many.
 * At least those of all threads that are in this share, for it knows all of the others' but the last few.
 */
function listFrom(first: i32, end: i32, least: f32, to: usize): i32 {
  let count = 0;
  for (let g = first; g < end; ++g) {
    if (load<f32>(peakAt(g)) < least) continue;
    for (let r = g * 8; r < endOf(g); ++r) {
      if (isBesides(r) || load<f32>(logitAt(r)) < least) continue;
      count += 1;
      if (count <= MOST_FOUND) store<i32>(to + <usize>count * 4, r);
    }
  }
  store<i32>(to, count <= MOST_FOUND ? count : -1);
  return count;
}

// @ts-expect-error: decorator
@inline
function logitAt(row: i32): usize {
  return logitsAt + <usize>row * 4;
}

// @ts-expect-error: decorator
@inline
function errorAt(row: i32): usize {
  return <usize>field(OUTLINE_ERRORS) + <usize>row * 4;
}

/** The highest logit of a group, as far as it is known. */
// @ts-expect-error: decorator
@inline
function peakAt(group: i32): usize {
  return <usize>field(OUTLINE_PEAKS) + <usize>group * 4;
}

/** A bit for each row of a group that is no candidate. */
// @ts-expect-error: decorator
@inline
function besidesOf(group: i32): i32 {
  return load<u8>(<usize>field(OUTLINE_BESIDES) + <usize>group);
}

// @ts-expect-error: decorator
@inline
function isBesides(row: i32): bool {
  return ((besidesOf(row >> 3) >> (row & 7)) & 1) != 0;
}

/** Behind the last row of a group; the last group may not be full. */
// @ts-expect-error: decorator
@inline
function endOf(group: i32): i32 {
  return min(field(OUTLINE_ROWS), group * 8 + 8);
}

/** The peak of a group's candidates. */
function notePeak(group: i32): void {
  const at = logitAt(group * 8);
  let peak: f32 = NOTHING;
  if (besidesOf(group) == 0 && endOf(group) == group * 8 + 8) {
    peak = maxLanes(f32x4.pmax(v128.load(at), v128.load(at, 16)));
  } else {
    for (let r = group * 8; r < endOf(group); ++r) if (!isBesides(r)) peak = max(peak, load<f32>(logitAt(r)));
  }
  store<f32>(peakAt(group), peak);
}

/** An empty list of the highest at `at`. */
function begin(at: usize): void {
  wanted = field(JOB_LIKELIEST);
  highest = at;
  for (let i: usize = 0; i < <usize>wanted; ++i) store<f32>(highest + i * 4, NOTHING);
}

/** A value that the peaks of as many groups reach as logits are wanted, or some more. */
function roughly(first: i32, end: i32): f32 {
  const from = peakAt(first);
  const to = peakAt(end);
  // As a vector: see maxLanes.
  let peaks = f32x4.splat(NOTHING);
  for (let at = from; at < to; at += 4) peaks = f32x4.pmax(peaks, v128.load32_splat(at));
  const peak = f32x4.extract_lane(peaks, 0);
  if (wanted == 1) return peak;
  for (let width: f32 = 2; width < WIDEST_SEARCH; width *= 1.25) {
    const least = peak - width;
    let count = 0;
    for (let at = from; at < to; at += 4) count += <i32>(load<f32>(at) >= least);
    if (count >= wanted) return least;
  }
  return peak - WIDEST_SEARCH;
}

/**
 * Reads a group in full, unless it was: with the next one that is to be read, for two that lie apart come from memory nearly
 * as fast as one.
 */
function want(group: i32): void {
  const mark = <usize>field(OUTLINE_MARKS) + <usize>group;
  if (load<u8>(mark) != 0) return;
  store<u8>(mark, 1);
  if (waiting < 0) waiting = group;
  else readInFull(waiting, group);
}

/** Reads the group that waits for another one. */
function readWaiting(): void {
  if (waiting >= 0) readInFull(waiting, waiting);
}

/** The exact logits of one group or two. */
function readInFull(group: i32, other: i32): void {
  waiting = -1;
  const head: usize = PLAN + HEAD;
  const to = tileSums();
  const stride = load<usize>(head + MATRIX_STRIDE);
  const data = load<usize>(head + MATRIX_DATA) + <usize>group * stride;
  const apart = <usize>(other - group) * stride;
  gemv(load<i32>(head + MATRIX_KERNEL), data, apart, group == other ? 1 : 2, load<i32>(head + MATRIX_BLOCKS), exact, to, false, 1);
  take(group, to);
  if (group != other) take(other, to + 32);
}

/** Puts the exact logits of a group in their places. */
function take(group: i32, from: usize): void {
  groupsRead += 1;
  const bias = load<usize>(PLAN + HEAD + MATRIX_BIAS);
  if (bias != 0) addRow(from, bias + <usize>group * 32, 8, 1);
  for (let row = group * 8; row < endOf(group); ++row) {
    const logit = load<f32>(from + <usize>(row & 7) * 4);
    const miss = logit - load<f32>(logitAt(row));
    const error = load<f32>(errorAt(row));
    squaredMiss += miss * miss;
    squaredErrors += error * error;
    store<f32>(logitAt(row), logit);
    if (!isBesides(row)) keep(logit);
  }
  notePeak(group);
}

/** Takes a logit among the highest, if it is one of them. */
function keep(logit: f32): void {
  let at = highest + <usize>(wanted - 1) * 4;
  if (!(logit > load<f32>(at))) return;
  for (; at > highest && load<f32>(at - 4) < logit; at -= 4) store<f32>(at, load<f32>(at - 4));
  store<f32>(at, logit);
}
