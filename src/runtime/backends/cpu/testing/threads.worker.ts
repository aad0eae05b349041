import goldensJson from '../../../../../scripts/goldens/architectures.json';
import computeUrl from '../../../../../workers/compute.worker.ts?worker&url';
import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import { trustedScriptUrl } from '../../../../shared/index.ts';
import { decoderSpecFromGguf } from '../../../architectures/index.ts';
import { holdCodebooks } from '../../hold-codebooks.ts';
import { type ArchitectureGoldens, buildGoldenModel, goldenTokens } from '../../testing/golden-models.ts';
import { createCpuBackend } from '../create-cpu-backend.ts';
import { compileEngine, type EngineBuild, type EngineKind } from '../engine-module.ts';
import { makeTinyModel } from './tiny-model.ts';

/** A model that is to be read with one thread and then with more, which must not show in any bit. */
export type ThreadsTestJob = { readonly kind: EngineKind | undefined } & (
  | { readonly golden: string; readonly type: GgmlTypeName }
  | { readonly tiny: GgmlTypeName | undefined }
);

export type ThreadsTestReport =
  | { readonly threads: number; readonly differences: readonly string[]; readonly values: number }
  | { readonly failure: string };

const MOST_THREADS = 3;
/** More than a chunk of a prompt, so that one is cut; then single tokens, and a pass of guesses. */
const PROMPT_TOKENS = 70;
const GUESSES = 5;
/** Shares of all sizes, among them none of a small matrix. */
const UNLIKE_SPEEDS = [0.8, 0.1, 2.1];

const goldens = goldensJson as unknown as ArchitectureGoldens;
const modules = new Map<EngineBuild, Promise<WebAssembly.Module>>();

function compile(build: EngineBuild): Promise<WebAssembly.Module> {
  const known = modules.get(build) ?? compileEngine(build);
  modules.set(build, known);
  return known;
}

async function modelOf(job: ThreadsTestJob) {
  if ('tiny' in job) return { ...makeTinyModel(job.tiny), contextLength: 200 };
  const model = goldens.models.find(({ name }) => name === job.golden)!;
  const built = buildGoldenModel(model, job.type);
  const { gguf, source } = await holdCodebooks(built.gguf, built.source);
  return { spec: decoderSpecFromGguf(gguf), gguf, source, contextLength: model.context };
}

async function run(job: ThreadsTestJob): Promise<ThreadsTestReport> {
  const model = await modelOf(job);
  const created: Worker[] = [];
  const speeds = [1, 1, 1];
  const backend = await createCpuBackend({
    ...model,
    build: job.kind,
    compile,
    threads: MOST_THREADS,
    speeds,
    createThread: (name) => {
      const thread = new Worker(trustedScriptUrl(computeUrl), { type: 'module', name });
      created.push(thread);
      return thread;
    },
  });
  const tokens = goldenTokens(goldens, model.spec.vocabularySize);
  /** The bits of all logits of one reading. */
  const read = async (threads: number) => {
    backend.useThreads?.(threads);
    backend.truncate(0);
    const prompt = (await backend.forward(tokens.slice(0, PROMPT_TOKENS), { logits: 'all' })).slice();
    const one = (await backend.forward([tokens[PROMPT_TOKENS]!])).slice();
    const guesses = tokens.slice(PROMPT_TOKENS + 1, PROMPT_TOKENS + 1 + GUESSES);
    const pass = (await backend.forward(guesses, { logits: 'all' })).slice();
    return [
      ['prompt', prompt],
      ['token', one],
      ['pass', pass],
    ].map(([name, logits]) => [name as string, new Uint32Array((logits as Float32Array<ArrayBuffer>).buffer)] as const);
  };
  try {
    const alone = await read(1);
    const differences: string[] = [];
    for (const given of [speeds, UNLIKE_SPEEDS]) {
      speeds.splice(0, MOST_THREADS, ...given);
      for (let threads = 2; threads <= backend.threads; threads++) {
        for (const [index, [name, bits]] of (await read(threads)).entries()) {
          const expected = alone[index]![1];
          const at = bits.findIndex((value, i) => value !== expected[i]);
          const row = Math.floor(at / model.spec.vocabularySize);
          if (at >= 0) differences.push(`${name}, ${threads} threads of speeds ${given}, row ${row}`);
        }
      }
    }
    const values = new Set(alone.flatMap(([, bits]) => [...bits])).size;
    return { threads: backend.threads, differences, values };
  } finally {
    backend.dispose();
    for (const thread of created) thread.terminate();
  }
}

addEventListener('message', async ({ data }: MessageEvent<ThreadsTestJob>) => {
  try {
    postMessage(await run(data));
  } catch (error) {
    postMessage({ failure: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
  }
});
