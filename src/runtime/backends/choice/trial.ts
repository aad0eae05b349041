import type { DecoderBackend } from '../decoder-backend.ts';

/** What an engine made of the fixed tokens. */
export interface Trial {
  /** After the prompt, and after each of the tokens that follow it. */
  readonly logits: readonly Float32Array[];
  /** Of one token of an answer. */
  readonly milliseconds: number;
}

const PROMPT_TOKENS = 24;
const COMPARED_TOKENS = 3;
const TIMED_TOKENS = 24;
/** No slower engine is measured for longer. */
const MOST_MS = 1_500;
/** Mean divergence of two engines in nats. The CPU's 8-bit activations cost 0.002, kernels that are wrong several. */
const MOST_DIVERGENCE = 0.2;

const GREEDY = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
} as const;

/** Runs the fixed tokens and leaves the cache empty. Rejects with what the engine rejects with. */
export async function tryBackend(backend: DecoderBackend, signal: AbortSignal | undefined): Promise<Trial> {
  const { vocabularySize } = backend;
  // Tokens of low numbers are common ones, and all vocabularies have them.
  const tokenAt = (index: number) => (97 + index * 37) % Math.min(vocabularySize, 2_000);
  const prompt = Array.from({ length: PROMPT_TOKENS }, (_, index) => tokenAt(index));
  const logits = [(await backend.forward(prompt, { signal })).slice()];
  for (let index = 0; index < COMPARED_TOKENS; index++) {
    logits.push((await backend.forward([tokenAt(PROMPT_TOKENS + index)], { signal })).slice());
  }
  // What came before has warmed the device up.
  const started = performance.now();
  const count = await decodeSome(backend, tokenAt(0), started + MOST_MS, signal);
  const milliseconds = (performance.now() - started) / count;
  backend.truncate(0);
  backend.park();
  return { logits, milliseconds };
}

/** Decodes as an answer would be, and says how many tokens that were. */
async function decodeSome(
  backend: DecoderBackend,
  token: number,
  until: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let count = 0;
  if (backend.decodeAhead !== undefined) {
    const options = { maxTokens: TIMED_TOKENS, sampling: GREEDY, recent: [], randoms: () => [], signal };
    for await (const _ of backend.decodeAhead(token, options)) {
      count += 1;
      if (performance.now() > until) break;
    }
    return Math.max(1, count);
  }
  while (count < TIMED_TOKENS && performance.now() < until) {
    await backend.forward([token], { signal });
    count += 1;
  }
  return Math.max(1, count);
}

/** Whether an engine's logits say the same as another's, up to what 8-bit activations cost. */
export function agrees(trial: Trial, other: Trial): boolean {
  const divergences = trial.logits.map((logits, index) => divergence(other.logits[index]!, logits));
  const mean = divergences.reduce((sum, value) => sum + value, 0) / divergences.length;
  return mean <= MOST_DIVERGENCE;
}

/** Kullback-Leibler divergence of the probabilities of `from` and of `to`, in nats; NaN where one is not a number. */
function divergence(from: Float32Array, to: Float32Array): number {
  const [fromNorm, toNorm] = [logSum(from), logSum(to)];
  let sum = 0;
  for (let i = 0; i < from.length; i++) {
    const log = from[i]! - fromNorm;
    sum += Math.exp(log) * (log - (to[i]! - toNorm));
  }
  return sum;
}

function logSum(logits: Float32Array): number {
  const most = logits.reduce((greatest, value) => Math.max(greatest, value), Number.NEGATIVE_INFINITY);
  return most + Math.log(logits.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
