import type { BenchFigure, BenchPhase, BenchRequest } from '../../protocol/index.ts';
import { throwIfAborted } from '../../shared/index.ts';
import type { DecoderBackend } from '../backends/decoder-backend.ts';
import { Sampler } from '../generation/sampling/index.ts';

export type MeasureOptions = Pick<BenchRequest, 'decodeAt' | 'prefill' | 'rounds' | 'patienceMs'> & {
  readonly signal: AbortSignal;
};

/** Tokens that are decoded for a figure, as far as the time below allows. */
const DECODED_TOKENS = 192;
const DECODING_MS = 2_500;
/** A device that idled runs at low clocks: it works this long before anything counts. */
const WARM_UP_MS = 1_000;
/** What a call of `forward` gets, as a session hands prompts over. */
const CALL_TOKENS = 1_024;

const LIKELIEST = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1.1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 7,
} as const;
/** What chats use where nobody says otherwise. */
const DRAWN = { ...LIKELIEST, temperature: 0.7, topK: 40, topP: 0.95, minP: 0.05 } as const;

/**
 * Measures an engine: prompts first, then decoding from the longest cache to the shortest, so that tokens are read once.
 * Yields a figure when it is known; those that would take longer than the patience are left out. Leaves the cache empty.
 * Rejects with what the engine rejects with, or AbortError.
 */
export async function* measureEngine(engine: DecoderBackend, options: MeasureOptions): AsyncGenerator<BenchFigure> {
  const { prefill, decodeAt, rounds, patienceMs, signal } = options;
  await warmUp(engine, signal);
  let known = 0;
  for (const tokens of prefill.filter((count) => count <= engine.contextLength).toSorted((a, b) => a - b)) {
    if (known > 0 && (rounds * tokens) / known > patienceMs / 1_000) break;
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) rates.push(await prefillRate(engine, tokens, signal));
    known = median(rates);
    yield { phase: 'prefill', tokens, tokensPerSecond: known, rounds: rates };
  }
  const places = decodeAt.filter((count) => count < engine.contextLength).toSorted((a, b) => b - a);
  for (const tokens of places) {
    if (known > 0 && (tokens - engine.position) / known > patienceMs / 1_000) continue;
    await fill(engine, tokens, signal);
    yield await decodeFigure(engine, 'decode', tokens, rounds, signal);
  }
  const least = places.at(-1);
  if (least !== undefined && engine.position >= least) {
    for (const phase of ['drawn', 'logits'] as const) yield await decodeFigure(engine, phase, least, rounds, signal);
  }
  engine.truncate(0);
  engine.park();
}

async function decodeFigure(
  engine: DecoderBackend,
  phase: Exclude<BenchPhase, 'prefill'>,
  tokens: number,
  rounds: number,
  signal: AbortSignal,
): Promise<BenchFigure> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    engine.truncate(tokens);
    rates.push(await decodeRate(engine, phase, signal));
  }
  engine.truncate(tokens);
  return { phase, tokens, tokensPerSecond: median(rates), rounds: rates };
}

async function warmUp(engine: DecoderBackend, signal: AbortSignal): Promise<void> {
  const until = performance.now() + WARM_UP_MS;
  do {
    engine.truncate(0);
    await fill(engine, 16, signal);
    await decodeRate(engine, 'decode', signal, until);
  } while (performance.now() < until);
  engine.truncate(0);
}

/** Makes the cache hold exactly `tokens` tokens. */
async function fill(engine: DecoderBackend, tokens: number, signal: AbortSignal): Promise<void> {
  if (engine.position > tokens) engine.truncate(tokens);
  while (engine.position < tokens) {
    const count = Math.min(CALL_TOKENS, tokens - engine.position);
    await engine.forward(tokensFrom(engine, count), { logits: 'none', signal });
  }
}

/** Tokens a second of a prompt, up to the logits that follow it. */
async function prefillRate(engine: DecoderBackend, tokens: number, signal: AbortSignal): Promise<number> {
  engine.truncate(0);
  const started = performance.now();
  while (engine.position < tokens) {
    const count = Math.min(CALL_TOKENS, tokens - engine.position);
    const isLast = engine.position + count === tokens;
    await engine.forward(tokensFrom(engine, count), { logits: isLast ? 'last' : 'none', signal });
  }
  return rateOf(tokens, started);
}

/** Tokens a second of an answer, chosen as the product chooses them on this engine. */
async function decodeRate(
  engine: DecoderBackend,
  phase: Exclude<BenchPhase, 'prefill'>,
  signal: AbortSignal,
  end?: number,
): Promise<number> {
  const most = Math.min(DECODED_TOKENS, engine.contextLength - engine.position);
  const sampler = new Sampler(phase === 'drawn' ? DRAWN : LIKELIEST, engine.vocabularySize);
  let token = tokenAt(engine, engine.position);
  const started = performance.now();
  const until = end ?? started + DECODING_MS;
  let count = 0;
  const { ahead } = sampler;
  if (phase !== 'logits' && ahead !== undefined && engine.decodeAhead !== undefined) {
    for await (const step of engine.decodeAhead(token, { ...ahead, maxTokens: most, signal })) {
      sampler.accept(step.candidates === undefined ? step.token : sampler.sampleAmong(step.candidates));
      count += 1;
      if (performance.now() > until) break;
    }
    return rateOf(Math.max(1, count), started);
  }
  while (count < most && performance.now() < until) {
    throwIfAborted(signal);
    sampler.accept(token);
    token = sampler.sample(await engine.forward([token], { signal }));
    count += 1;
  }
  return rateOf(Math.max(1, count), started);
}

/** Tokens of low numbers are common ones, and all vocabularies have them. */
function tokenAt({ vocabularySize }: DecoderBackend, position: number): number {
  return (97 + position * 37) % Math.min(vocabularySize - 1, 2_000);
}

function tokensFrom(engine: DecoderBackend, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => tokenAt(engine, engine.position + index));
}

function rateOf(tokens: number, started: number): number {
  return (1_000 * tokens) / Math.max(performance.now() - started, 1e-3);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
