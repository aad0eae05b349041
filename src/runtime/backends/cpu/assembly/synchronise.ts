import {
  BALANCE,
  BALANCE_BYTES,
  BALANCE_START,
  BALANCE_WAITED,
  BARRIER_COUNT,
  BARRIER_GENERATION,
  FAULT,
  FAULT_THREAD_LOST,
  JOB_GENERATION,
  LATE_WAITS,
  NEXT_ITEM,
  PARKED,
  PLAN,
  RESUME_GENERATION,
  SLEEPERS,
  THREADS,
} from '../plan-fields';
import { field } from './plan';

/**
 * Threads meet at ~150 barriers a token, so they spin: 0.4 µs against tens for a sleep. Giving up after 2,000 rounds made
 * two threads slower than one; 200,000 and more gave all the gain (docs/decisions/0001).
 */
const SPINS: i32 = 300000;
/** After a turn's last token threads spin this long for the next one before they sleep. */
const JOB_SPINS: i32 = 1000000;
/** What a wait counts for in which a thread slept: how long that was it cannot know. */
const SLEPT: i32 = 4 * SPINS;
/** A thread that shows no progress for this long is lost (nanoseconds). */
const PATIENCE: i64 = 2000000000;

/** True on all threads once one was found lost: they run through without waiting. */
// @ts-expect-error: decorator
@inline
export function isLost(): bool {
  if (ASC_FEATURE_THREADS) return atomic.load<i32>(PLAN + FAULT) == FAULT_THREAD_LOST;
  return false;
}

/**
 * Returns when all threads have come here: the rounds spun for them, SLEPT where it slept. The last one also rewinds the
 * counter of dynamic items.
 */
export function barrier(): i32 {
  if (!ASC_FEATURE_THREADS) {
    store<i32>(PLAN + NEXT_ITEM, 0);
    return 0;
  }
  const threads = field(THREADS);
  const generation = atomic.load<i32>(PLAN + BARRIER_GENERATION);
  if (atomic.add<i32>(PLAN + BARRIER_COUNT, 1) == threads - 1) {
    atomic.store<i32>(PLAN + NEXT_ITEM, 0);
    atomic.store<i32>(PLAN + BARRIER_COUNT, 0);
    atomic.add<i32>(PLAN + BARRIER_GENERATION, 1);
    if (threads > 1 && atomic.load<i32>(PLAN + SLEEPERS) != 0) atomic.notify(PLAN + BARRIER_GENERATION, -1);
    return 0;
  }
  for (let i = 0; i < SPINS; ++i) {
    if (atomic.load<i32>(PLAN + BARRIER_GENERATION) != generation) return i;
  }
  if (!isLost()) sleepAtBarrier(generation);
  return SLEPT;
}

/** The barrier after a matrix that was split by shares: notes how long a thread was done before the others. */
export function barrierAfterShares(thread: i32): void {
  const rounds = barrier();
  const balance: usize = field(BALANCE);
  if (!ASC_FEATURE_THREADS || balance == 0) return;
  const waited = balance + <usize>thread * BALANCE_BYTES + BALANCE_WAITED;
  store<i32>(waited, load<i32>(waited) + rounds);
}

/** Counts itself as a sleeper first, so that the last thread either sees it or has already moved the generation on. */
function sleepAtBarrier(generation: i32): void {
  atomic.add<i32>(PLAN + SLEEPERS, 1);
  atomic.add<i32>(PLAN + LATE_WAITS, 1);
  let progress = atomic.load<i32>(PLAN + BARRIER_COUNT) + atomic.load<i32>(PLAN + NEXT_ITEM);
  while (atomic.load<i32>(PLAN + BARRIER_GENERATION) == generation && !isLost()) {
    const result = atomic.wait<i32>(PLAN + BARRIER_GENERATION, generation, PATIENCE);
    if (result != AtomicWaitResult.TIMED_OUT) continue;
    const now = atomic.load<i32>(PLAN + BARRIER_COUNT) + atomic.load<i32>(PLAN + NEXT_ITEM);
    if (now == progress) atomic.store<i32>(PLAN + FAULT, FAULT_THREAD_LOST);
    progress = now;
  }
  atomic.sub<i32>(PLAN + SLEEPERS, 1);
}

/** The next item of a phase that is shared out as threads come free. */
// @ts-expect-error: decorator
@inline
export function takeItem(): i32 {
  if (ASC_FEATURE_THREADS) return atomic.add<i32>(PLAN + NEXT_ITEM, 1);
  const item = load<i32>(PLAN + NEXT_ITEM);
  store<i32>(PLAN + NEXT_ITEM, item + 1);
  return item;
}

/** Wakes the compute threads for the job that stands in the plan. */
export function announceJob(): void {
  if (!ASC_FEATURE_THREADS) return;
  atomic.store<i32>(PLAN + PARKED, 0);
  atomic.add<i32>(PLAN + JOB_GENERATION, 1);
  atomic.notify(PLAN + JOB_GENERATION, -1);
}

/** Waits for a job other than `seen`; returns its generation. */
export function awaitJob(seen: i32): i32 {
  if (!ASC_FEATURE_THREADS) return seen;
  for (let i = 0; i < JOB_SPINS; ++i) {
    const generation = atomic.load<i32>(PLAN + JOB_GENERATION);
    if (generation != seen) return generation;
    if (atomic.load<i32>(PLAN + PARKED) != 0) break;
  }
  while (atomic.load<i32>(PLAN + JOB_GENERATION) == seen) {
    atomic.wait<i32>(PLAN + JOB_GENERATION, seen, -1);
  }
  return atomic.load<i32>(PLAN + JOB_GENERATION);
}

/** Sleeps while fewer threads are in use than there are; returns the generation to await a job after. */
export function rest(thread: i32): i32 {
  if (!ASC_FEATURE_THREADS) return 0;
  while (true) {
    const threads = atomic.load<i32>(PLAN + THREADS);
    if (thread < threads) return atomic.load<i32>(PLAN + RESUME_GENERATION);
    atomic.wait<i32>(PLAN + THREADS, threads, -1);
  }
}

/** Whether a job is this thread's too. One that comes late to a job which it had no part in must not begin it. */
export function takesPart(thread: i32, generation: i32): bool {
  if (!ASC_FEATURE_THREADS) return false;
  return thread < atomic.load<i32>(PLAN + THREADS) && generation - atomic.load<i32>(PLAN + RESUME_GENERATION) > 0;
}

/** First of thread t's share of n things. Shares are even, or as the driver balances them (thread-balance.ts). */
export function shareStart(n: i32, thread: i32): i32 {
  if (thread == 0) return 0;
  const threads = field(THREADS);
  if (thread >= threads) return n;
  const balance: usize = field(BALANCE);
  if (balance == 0) return <i32>((<i64>n * thread) / threads);
  return <i32>((<i64>n * load<i32>(balance + <usize>thread * BALANCE_BYTES + BALANCE_START) + 32768) >> 16);
}
