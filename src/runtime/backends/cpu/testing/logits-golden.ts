import type { DecoderBackend } from '../../decoder-backend.ts';

/** Exact next-token distributions, made by scripts/goldens/logits.py. */
export interface LogitsGolden {
  readonly segments: number;
  readonly length: number;
  readonly top: number;
  readonly perplexity: number;
  readonly tokens: readonly number[];
  readonly topIds: Uint16Array;
  readonly topLogs: Float32Array;
  readonly tailLogs: Float32Array;
}

/** Joins logits.json and logits.bin. */
export function parseLogitsGolden(header: unknown, bytes: ArrayBuffer): LogitsGolden {
  const { segments, length, top, perplexity, tokens, positions } = header as LogitsGolden & { positions: number };
  const ids = positions * top * 2;
  const logs = ids + positions * top * 4;
  return {
    segments,
    length,
    top,
    perplexity,
    tokens,
    topIds: new Uint16Array(bytes, 0, positions * top),
    topLogs: new Float32Array(bytes, ids, positions * top),
    tailLogs: new Float32Array(bytes, logs, positions),
  };
}

export interface Agreement {
  /** Share of positions whose most likely token is the exact one. */
  readonly top1: number;
  /** Mean Kullback-Leibler divergence from the exact distribution, nats; see compareWithGolden. */
  readonly kl: number;
  /** Of the text that really follows. */
  readonly perplexity: number;
}

function argMax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function logSumExp(values: Float32Array, greatest: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.exp(values[i]! - greatest);
  return greatest + Math.log(sum);
}

/**
 * Reads the evaluation text with the engine, told each true token, and compares every position.
 *
 * The divergence is taken over the partition {64 most likely tokens, all others together}: merging outcomes can only
 * lower it, so it is a lower bound of the divergence over the whole vocabulary.
 */
export async function compareWithGolden(
  backend: DecoderBackend,
  golden: LogitsGolden,
  segments = golden.segments,
  step = 60,
): Promise<Agreement> {
  let hits = 0;
  let divergence = 0;
  let surprise = 0;
  for (let segment = 0; segment < segments; segment++) {
    backend.truncate(0);
    for (let first = 0; first < golden.length; first += step) {
      const start = segment * golden.length + first;
      const count = Math.min(step, golden.length - first);
      const logits = await backend.forward(golden.tokens.slice(start, start + count), { logits: 'all' });
      for (let i = 0; i < count; i++) {
        const row = logits.subarray(i * backend.vocabularySize, (i + 1) * backend.vocabularySize);
        const best = argMax(row);
        const norm = logSumExp(row, row[best]!);
        if (best === golden.topIds[(start + i) * golden.top]) hits++;
        divergence += positionDivergence(golden, start + i, row, norm);
        surprise += norm - row[golden.tokens[start + i + 1]!]!;
      }
    }
  }
  const positions = segments * golden.length;
  return { top1: hits / positions, kl: divergence / positions, perplexity: Math.exp(surprise / positions) };
}

function positionDivergence(golden: LogitsGolden, position: number, row: Float32Array, norm: number): number {
  let sum = 0;
  let covered = 0;
  for (let k = 0; k < golden.top; k++) {
    const exact = golden.topLogs[position * golden.top + k]!;
    const ours = row[golden.topIds[position * golden.top + k]!]! - norm;
    covered += Math.exp(ours);
    sum += Math.exp(exact) * (exact - ours);
  }
  const tail = golden.tailLogs[position]!;
  return sum + Math.exp(tail) * (tail - Math.log(Math.max(1 - covered, 1e-12)));
}
