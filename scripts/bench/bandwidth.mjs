import asc from 'assemblyscript/asc';
import { median } from './statistics.mjs';

/** Larger than any cache that one thread has, and written before it is read: untouched memory is not there. */
const MEGABYTES = 256;
const PASSES = 3;
const ROUNDS = 5;

/** Reads a range as fast as WASM can: eight wide loads a step, nothing else that waits. */
const SOURCE = `
export function fill(from: usize, bytes: usize): void {
  for (let at = from; at < from + bytes; at += 8) store<u64>(at, at * 0x9e3779b97f4a7c15);
}
export function read(from: usize, bytes: usize): i32 {
  let a = i32x4.splat(0);
  let b = a;
  for (let at = from; at < from + bytes; at += 128) {
    a = v128.xor(a, v128.xor(v128.xor(v128.load(at), v128.load(at, 16)), v128.xor(v128.load(at, 32), v128.load(at, 48))));
    b = v128.xor(b, v128.xor(v128.xor(v128.load(at, 64), v128.load(at, 80)), v128.xor(v128.load(at, 96), v128.load(at, 112))));
  }
  return i32x4.extract_lane(v128.xor(a, b), 0);
}`;

/**
 * Gigabytes a second that so many threads of WASM stream from memory together, in this browser: what decoding cannot
 * exceed, because a token reads every weight once.
 * @param {import('playwright').Page} page Cross-origin isolated, with workers from blobs allowed.
 * @param {number} threads
 * @param {{ isBest?: boolean }} [options] `isBest`: the best of many short rounds instead of the median of few long ones.
 * @returns {Promise<number>}
 */
export async function measureBandwidth(page, threads, { isBest = false } = {}) {
  const pages = MEGABYTES * 16 + 16;
  const { binary, error, stderr } = await asc.compileString(SOURCE, {
    optimizeLevel: 3,
    runtime: 'stub',
    enable: ['simd', 'threads'],
    importMemory: true,
    sharedMemory: true,
    initialMemory: pages,
    maximumMemory: pages,
  });
  if (binary === null) throw new Error(`the bandwidth module did not compile: ${error} ${stderr}`);
  const rounds = await page.evaluate(streamInPage, {
    module: Buffer.from(binary).toString('base64'),
    threads,
    megabytes: MEGABYTES,
    passes: isBest ? 1 : PASSES,
    rounds: isBest ? ROUNDS * 8 : ROUNDS,
  });
  return isBest ? Math.max(...rounds) : median(rounds);
}

/**
 * In the page. @param {{ module: string, threads: number, megabytes: number, passes: number, rounds: number }} options
 * @returns {Promise<number[]>}
 */
async function streamInPage({ module, threads, megabytes, passes, rounds }) {
  const bytes = Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0));
  const compiled = await WebAssembly.compile(bytes);
  const pages = megabytes * 16 + 16;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const body = `onmessage = async ({ data: { compiled, memory, from, bytes, passes } }) => {
    const { exports } = await WebAssembly.instantiate(compiled, { env: { memory } });
    exports.fill(from, bytes);
    exports.read(from, bytes);
    postMessage('ready');
    onmessage = () => {
      const started = performance.timeOrigin + performance.now();
      for (let pass = 0; pass < passes; pass += 1) exports.read(from, bytes);
      postMessage({ started, ended: performance.timeOrigin + performance.now() });
    };
  };`;
  const address = URL.createObjectURL(new Blob([body], { type: 'text/javascript' }));
  const share = Math.floor((megabytes * 2 ** 20) / threads / 128) * 128;
  const workers = Array.from({ length: threads }, () => new Worker(address));
  const replies = () =>
    Promise.all(
      workers.map(
        (worker) =>
          new Promise((resolve) => worker.addEventListener('message', ({ data }) => resolve(data), { once: true })),
      ),
    );
  const ready = replies();
  for (const [index, worker] of workers.entries()) {
    worker.postMessage({ compiled, memory, from: 65_536 + index * share, bytes: share, passes });
  }
  await ready;
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    const ended = replies();
    for (const worker of workers) worker.postMessage('go');
    const times = await ended;
    const seconds =
      (Math.max(...times.map((time) => time.ended)) - Math.min(...times.map((time) => time.started))) / 1000;
    results.push((share * threads * passes) / seconds / 1e9);
  }
  for (const worker of workers) worker.terminate();
  URL.revokeObjectURL(address);
  return results;
}
