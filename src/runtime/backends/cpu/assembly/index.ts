import {
  FAULT,
  JOB_COUNT,
  JOB_ENCODE,
  JOB_EXIT,
  JOB_FORWARD,
  JOB_HEAD_COUNT,
  JOB_KIND,
  NEXT_ITEM,
  PLAN,
  PRESENT,
  SCRATCH_TILE_SUMS,
  THREADS,
} from '../plan-fields';
import { decode } from './decode';
import { encode } from './encoder/encode';
import { embed, logits } from './head';
import { repackRows } from './kernels/table';
import { keepTileSumsAt } from './kernels/tile-sums';
import { outlineGroups } from './outline';
import { scratch } from './own-scratch';
import { field } from './plan';
import { prefill } from './prefill';
import { announceJob, awaitJob, barrier, rest, takesPart } from './synchronise';

export { appendKeyValue, attend, combine, quantiseQuery } from './kernels/attend';
export { hadamard } from './kernels/hadamard';
export { appendFloat, attendFloat, scaleQuery } from './kernels/attend-float';
export { activateTimes, allFinite, layerNorm, rmsNorm, rope, softCap } from './kernels/elementwise';
export { quantiseEightBit, quantiseSixteenBit } from './kernels/quantise';
export { tabulateSigns } from './kernels/sign-tables';
export { activationFormat, dequantiseRow, gemm, gemv } from './kernels/table';

/** Moves rows of a tensor from the staging area into their groups. */
export function repack(type: i32, from: usize, rows: i32, blocks: i32, to: usize, stride: usize): void {
  repackRows(type, from, rows, blocks, to, stride);
}

/** Makes the outline of groups of the head that were repacked. */
export function outline(first: i32, groups: i32): void {
  outlineGroups(first, groups);
}

export { attendSequences } from './encoder/attend';
export { multiply as multiplyRecords, repackEncoder } from './encoder/multiply';
export { prepareRows } from './encoder/rows';

function work(thread: i32): void {
  if (field(JOB_KIND) == JOB_FORWARD) {
    keepTileSumsAt(scratch(thread, SCRATCH_TILE_SUMS));
    if (field(JOB_COUNT) == 1) decode(thread);
    else prefill(thread);
  } else if (field(JOB_KIND) == JOB_ENCODE) {
    encode(thread);
  }
  if (field(JOB_HEAD_COUNT) > 0) logits(thread);
  barrier();
}

/** The driver's call: runs the job that stands in the plan on all threads; returns the fault, 0 for none. */
export function run(): i32 {
  store<i32>(PLAN + FAULT, 0);
  store<i32>(PLAN + NEXT_ITEM, 0);
  if (field(JOB_KIND) == JOB_FORWARD) embed();
  announceJob();
  work(0);
  return load<i32>(PLAN + FAULT);
}

/** A compute thread's life: job after job until told to exit. `thread` is 1 or more. */
export function compute(thread: i32): void {
  let seen = 0;
  if (ASC_FEATURE_THREADS) atomic.add<i32>(PLAN + PRESENT, 1);
  while (true) {
    if (thread >= field(THREADS)) seen = rest(thread);
    seen = awaitJob(seen);
    if (field(JOB_KIND) == JOB_EXIT) return;
    if (takesPart(thread, seen)) work(thread);
  }
}
