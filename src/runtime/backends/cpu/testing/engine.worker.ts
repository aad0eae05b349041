import computeUrl from '../../../../../workers/compute.worker.ts?worker&url';
import { readGguf } from '../../../../formats/gguf/index.ts';
import { MemoryByteSource, SottoError, trustedScriptUrl } from '../../../../shared/index.ts';
import { decoderSpecFromGguf } from '../../../architectures/index.ts';
import type { DecoderBackend } from '../../decoder-backend.ts';
import { createCpuBackend } from '../create-cpu-backend.ts';
import type { EngineKind } from '../engine-module.ts';
import { type Agreement, compareWithGolden, parseLogitsGolden } from './logits-golden.ts';

/** Everything the browser test asks of an engine that, as in the product, lives in a worker. */
export interface EngineTestJob {
  readonly model: ArrayBuffer;
  readonly prompts: readonly (readonly number[])[];
  readonly goldenHeader: unknown;
  readonly goldenBytes: ArrayBuffer;
}

export interface EngineTestReport {
  /** Greedy continuations of each prompt, by kind of build and number of threads. */
  readonly greedy: readonly {
    readonly kind: EngineKind;
    readonly threads: number;
    readonly answers: readonly (readonly number[])[];
  }[];
  readonly description: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly agreement: Agreement;
  /** Greatest difference of logits, one thread against two, as a share of their spread: prefill and decode. */
  readonly threadDistance: { readonly prefill: number; readonly decode: number };
  /** Codes of the errors that follow the death of a thread: during forward, then at the next call. */
  readonly lostCodes: readonly string[];
  /** Code of the error when the thread's script does not run. */
  readonly startCode: string;
  /** Tokens in the cache after an abort in the middle of a prefill, of how many asked for. */
  readonly aborted: { readonly name: string; readonly position: number; readonly asked: number };
  readonly afterPark: number;
  /** Greatest difference where every token is computed with another number of threads, against all on two. */
  readonly afterSwitches: number;
  /** Greatest difference of a token computed alone and in a pass with one, two and three other texts. */
  readonly besideOthers: readonly number[];
}

/** As many as the goldens have. */
const ANSWER_TOKENS = 48;

const newThread = (name: string) => new Worker(trustedScriptUrl(computeUrl), { type: 'module', name });

function distance(a: Float32Array, b: Float32Array): number {
  const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
  const spread = Math.sqrt(a.reduce((sum, value) => sum + (value - mean) ** 2, 0) / a.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) / spread;
}

async function codeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return 'no error';
  } catch (error) {
    return SottoError.isInstance(error) ? error.code : String(error);
  }
}

async function runAll(job: EngineTestJob): Promise<EngineTestReport> {
  const source = new MemoryByteSource(new Uint8Array(job.model));
  const gguf = await readGguf(source);
  const golden = parseLogitsGolden(job.goldenHeader, job.goldenBytes);
  const text = golden.tokens;
  const base = { spec: decoderSpecFromGguf(gguf), gguf, source, contextLength: 1024 };
  const created: Worker[] = [];
  const createThread = (name: string) => {
    const thread = newThread(name);
    created.push(thread);
    return thread;
  };

  const greedy: EngineTestReport['greedy'][number][] = [];
  for (const kind of ['fused', 'relaxed', 'plain'] as const) {
    for (const threads of [1, 2]) {
      const backend = await createCpuBackend({ ...base, build: kind, threads, createThread });
      const answers: number[][] = [];
      for (const prompt of job.prompts) answers.push(await continueGreedily(backend, prompt));
      greedy.push({ kind, threads, answers });
      backend.dispose();
    }
  }

  const one = await createCpuBackend({ ...base, threads: 1 });
  const prefillOne = (await one.forward(text.slice(0, 500))).slice();
  const decodeOne = (await one.forward(text.slice(500, 501))).slice();
  one.dispose();

  const two = await createCpuBackend({ ...base, threads: 2, createThread });
  const prefillTwo = (await two.forward(text.slice(0, 500))).slice();
  const decodeTwo = (await two.forward(text.slice(500, 501))).slice();
  two.park();
  await new Promise((resolve) => setTimeout(resolve, 300));
  two.truncate(500);
  const afterPark = distance(decodeTwo, await two.forward(text.slice(500, 501)));
  const afterSwitches = await switchThreads(two, text.slice(500, 560));
  const agreement = await compareWithGolden(two, golden);
  const aborted = await abortMidway(two, text.slice(0, 900));

  const { description, threads, memoryBytes } = two;
  const besideOthers = await stepBeside(two, text);
  created.at(-1)!.terminate();
  const lostCodes = [await firstFailure(two), await codeOf(() => two.forward([1]))];
  two.dispose();

  const broken = URL.createObjectURL(new Blob(['throw new Error("no script")'], { type: 'text/javascript' }));
  const startCode = await codeOf(() =>
    createCpuBackend({ ...base, threads: 2, createThread: (name) => new Worker(broken, { name }) }),
  );
  return {
    greedy,
    description,
    threads,
    memoryBytes,
    agreement,
    threadDistance: { prefill: distance(prefillOne, prefillTwo), decode: distance(decodeOne, decodeTwo) },
    lostCodes,
    startCode,
    aborted,
    afterPark,
    afterSwitches,
    besideOthers,
  };
}

async function continueGreedily(backend: DecoderBackend, prompt: readonly number[]): Promise<number[]> {
  backend.truncate(0);
  const answer: number[] = [];
  let logits = await backend.forward(prompt);
  while (answer.length < ANSWER_TOKENS) {
    const token = logits.reduce((best, value, id) => (value > logits[best]! ? id : best), 0);
    answer.push(token);
    logits = await backend.forward([token]);
  }
  return answer;
}

/** Code of the first error of an engine that loses a thread. Chromium lets a thread that it ends finish for two seconds, a busy machine for longer. */
async function firstFailure(backend: DecoderBackend): Promise<string> {
  const deadline = performance.now() + 60_000;
  let code = 'no error';
  while (code === 'no error' && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    code = await codeOf(async () => {
      // A trial on a busy machine may have found one to be best, which misses nobody.
      backend.useThreads?.(2);
      backend.truncate(0);
      await backend.forward([1, 2, 3]);
    });
  }
  return code;
}

/** From a cache of 500 tokens. Switches fast, so that a thread is told to rest and to work again before it has noticed. */
async function switchThreads(backend: DecoderBackend, tokens: readonly number[]): Promise<number> {
  const run = async (threadsOf: (index: number) => number) => {
    backend.truncate(500);
    let last = new Float32Array();
    for (const [index, token] of tokens.entries()) {
      backend.useThreads?.(threadsOf(index));
      if (index % 7 === 3) backend.useThreads?.(3 - threadsOf(index));
      if (index % 7 === 3) backend.useThreads?.(threadsOf(index));
      last = (await backend.forward([token])).slice();
    }
    return last;
  };
  const expected = await run(() => 2);
  const switched = await run((index) => 1 + (index % 2));
  backend.useThreads?.(2);
  return distance(expected, switched);
}

/** The next token of texts of different lengths, by itself and then in passes of two, three and four. */
async function stepBeside(backend: DecoderBackend, text: readonly number[]): Promise<number[]> {
  const { lanes } = backend;
  backend.truncate(0);
  const all = [backend, ...Array.from({ length: 3 }, () => lanes!.open()!)];
  const lengths = [150, 9, 33, 64];
  for (const [index, lane] of all.entries()) await lane.forward(text.slice(0, lengths[index]), { logits: 'none' });
  const steps = all.map((lane, index) => ({ lane, token: text[lengths[index]!]! }));
  const alone: Float32Array[] = [];
  for (const { lane, token } of steps) {
    alone.push((await lane.forward([token])).slice());
    lane.truncate(lane.position - 1);
  }
  const distances: number[] = [];
  for (const count of [2, 3, 4]) {
    const rows = await lanes!.step(steps.slice(0, count));
    distances.push(Math.max(...rows.map((row, index) => distance(alone[index]!, row))));
    for (const { lane } of steps.slice(0, count)) lane.truncate(lane.position - 1);
  }
  return distances;
}

/** Aborts as soon as the first chunk is in, from a task of the event loop, as a message from the page would. */
async function abortMidway(backend: DecoderBackend, tokens: readonly number[]) {
  backend.truncate(0);
  const controller = new AbortController();
  const watch = setInterval(() => {
    if (backend.position > 0) controller.abort();
  }, 0);
  let name = 'none';
  try {
    await backend.forward(tokens, { signal: controller.signal });
  } catch (error) {
    name = (error as Error).name;
  }
  clearInterval(watch);
  return { name, position: backend.position, asked: tokens.length };
}

addEventListener('message', async ({ data }: MessageEvent<EngineTestJob>) => {
  try {
    postMessage({ report: await runAll(data) });
  } catch (error) {
    postMessage({ failure: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
  }
});
