import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SamplingOptions } from '../../protocol/index.ts';
import { PENALTY_WINDOW } from './penalties.ts';
import { createRandomSource } from './random.ts';
import { Sampler } from './sampler.ts';

const NEUTRAL: SamplingOptions = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  seed: 1,
};

const sampler = (options: Partial<SamplingOptions>, size = 8, history: readonly number[] = []) => {
  const made = new Sampler({ ...NEUTRAL, ...options }, size);
  for (const token of history) made.accept(token);
  return made;
};

/** The definitions, written plainly: sort everything, then cut, then weigh. Returns the probability of each token. */
function reference(logits: readonly number[], options: SamplingOptions): Map<number, number> {
  const { topK, topP, minP, temperature } = options;
  const softmax = (ids: readonly number[], divisor: number) => {
    const highest = Math.max(...ids.map((id) => logits[id]!));
    const weights = ids.map((id) => Math.exp((logits[id]! - highest) / divisor));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  };
  let ids = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (topK > 0) ids = ids.slice(0, topK);
  const probabilities = softmax(ids, 1);
  let taken = 0;
  const reached = probabilities.findIndex((probability) => {
    taken += probability;
    return taken >= topP;
  });
  if (topP < 1) ids = ids.slice(0, reached === -1 ? ids.length : reached + 1);
  ids = ids.filter((_, index) => index === 0 || probabilities[index]! >= minP * probabilities[0]!);
  const final = softmax(ids, temperature);
  return new Map(ids.map((id, index) => [id, final[index]!]));
}

/** Draws many times and compares with the expected shares by Pearson's χ²; 4.9 σ leaves one false alarm in a million. */
function expectShares(options: Partial<SamplingOptions>, logits: readonly number[], draws = 20_000): void {
  const expected = reference(logits, { ...NEUTRAL, ...options });
  const made = sampler(options, logits.length);
  const values = Float32Array.from(logits);
  const counts = new Map<number, number>();
  for (let draw = 0; draw < draws; draw++) {
    const token = made.sample(values);
    counts.set(token, (counts.get(token) ?? 0) + 1);
  }
  for (const token of counts.keys()) expect(expected.has(token), `token ${token} should be filtered`).toBe(true);
  let chiSquare = 0;
  let cells = 0;
  for (const [token, probability] of expected) {
    if (probability * draws < 5) continue;
    chiSquare += ((counts.get(token) ?? 0) - probability * draws) ** 2 / (probability * draws);
    cells += 1;
  }
  const degrees = Math.max(1, cells - 1);
  expect(chiSquare).toBeLessThan(degrees + 4.9 * Math.sqrt(2 * degrees) + 10);
}

const LOGITS = [2, 1, 0.5, 0, -0.5, -1, -2, -4];

describe('shares', () => {
  it.each<Partial<SamplingOptions>>([
    {},
    { temperature: 0.3 },
    { temperature: 2.5 },
    { topK: 3 },
    { topK: 1 },
    { topK: 100 },
    { topP: 0.5 },
    { topP: 0.9 },
    { topP: 0 },
    { minP: 0.1 },
    { minP: 1 },
    { topK: 5, topP: 0.8, minP: 0.2, temperature: 1.7 },
    { topP: 0.95, minP: 0.05, temperature: 0.7 },
    { topK: 4, topP: 0.99 },
    { topK: 6, minP: 0.3 },
  ])('%o', (options) => expectShares(options, LOGITS));

  it('holds for a flat distribution and for ties', () => {
    expectShares({ topP: 0.51 }, [1, 1, 1, 1, 1, 1, 1]);
    expectShares({ topK: 2 }, [0, 3, 3, 3, 0]);
    expectShares({ minP: 0.5 }, [0, 3, 3, 3, 0]);
  });

  it('keeps the same tokens as the plain definition, whatever the logits and options', () => {
    const option = fc.record({
      topK: fc.constantFrom(0, 1, 2, 5, 30, 1_000),
      topP: fc.constantFrom(0, 0.3, 0.87, 0.99, 1),
      minP: fc.constantFrom(0, 0.01, 0.2, 0.9),
      seed: fc.nat(),
    });
    const values = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, option, (raw, options) => {
        const logits = Float32Array.from(raw);
        const kept = reference([...logits], { ...NEUTRAL, ...options });
        const made = sampler(options, logits.length);
        for (let draw = 0; draw < 40; draw++) expect([...kept.keys()]).toContain(made.sample(logits));
      }),
      { numRuns: 500 },
    );
  });
});

describe('greedy', () => {
  it('takes the likeliest, of equals the lowest id, and ignores every filter', () => {
    expect(sampler({ temperature: 0, topK: 1, topP: 0.1, minP: 1 }, 4).sample(Float32Array.of(1, 3, 3, 2))).toBe(1);
  });

  it('heeds penalties', () => {
    const logits = Float32Array.of(1, 3, 2.9, 2);
    expect(sampler({ temperature: 0, repetitionPenalty: 1.2 }, 4, [1]).sample(logits)).toBe(2);
    expect([...logits]).toEqual([...Float32Array.of(1, 3, 2.9, 2)]);
  });
});

describe('penalties', () => {
  const choose = (options: Partial<SamplingOptions>, logits: readonly number[], history: readonly number[]) =>
    sampler({ temperature: 0, ...options }, logits.length, history).sample(Float32Array.from(logits));

  it('divides positive logits and multiplies negative ones by the repetition penalty, however often a token came', () => {
    expect(choose({ repetitionPenalty: 2 }, [4, 2.1], [0])).toBe(1);
    expect(choose({ repetitionPenalty: 2 }, [4, 1.9], [0, 0, 0])).toBe(0);
    expect(choose({ repetitionPenalty: 2 }, [-1, -1.9], [0])).toBe(1);
    expect(choose({ repetitionPenalty: 2 }, [-1, -2.1], [0])).toBe(0);
  });

  it('lowers by the count for frequency, once for presence', () => {
    expect(choose({ frequencyPenalty: 0.5 }, [3, 2.2], [0])).toBe(0);
    expect(choose({ frequencyPenalty: 0.5 }, [3, 2.2], [0, 0])).toBe(1);
    expect(choose({ presencePenalty: 0.5 }, [3, 2.2], [0, 0])).toBe(0);
    expect(choose({ presencePenalty: 0.9 }, [3, 2.2], [0])).toBe(1);
    expect(choose({ frequencyPenalty: -1 }, [3, 2.2], [1])).toBe(1);
  });

  it('looks back no further than its window', () => {
    const filler = Array.from({ length: PENALTY_WINDOW - 1 }, () => 2);
    expect(choose({ presencePenalty: 5 }, [3, 2.2, -9], [0, ...filler])).toBe(1);
    expect(choose({ presencePenalty: 5 }, [3, 2.2, -9], [0, ...filler, 2])).toBe(0);
  });

  it('ignores tokens outside the vocabulary', () => {
    expect(choose({ presencePenalty: 5 }, [1, 2], [7])).toBe(1);
  });
});

describe('seeds', () => {
  const draw = (seed: number) => {
    const made = sampler({ seed });
    return Array.from({ length: 50 }, () => made.sample(Float32Array.from(LOGITS))).join();
  };

  it('gives the same tokens for the same seed, others for another', () => {
    expect(draw(7)).toBe(draw(7));
    expect(new Set([0, 1, 2, 3, 2 ** 32 - 1].map(draw)).size).toBe(5);
  });

  it('draws numbers in [0, 1) that are even in every tenth', () => {
    const random = createRandomSource(0);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 50_000; draw++) {
      const value = random.next();
      expect(value >= 0 && value < 1).toBe(true);
      tenths[Math.floor(value * 10)]! += 1;
    }
    const chiSquare = tenths.reduce((sum, count) => sum + (count - 5_000) ** 2 / 5_000, 0);
    expect(chiSquare).toBeLessThan(35);
  });
});

describe('degenerate logits', () => {
  const none = Number.NEGATIVE_INFINITY;

  it('finds the only possible token under any options', () => {
    const logits = Float32Array.of(none, none, -50, none);
    for (const options of [{}, { temperature: 0 }, { topK: 3 }, { topP: 0.5 }, { minP: 0.1 }, { temperature: 100 }]) {
      for (let draw = 0; draw < 20; draw++) expect(sampler({ ...options, seed: draw }, 4).sample(logits)).toBe(2);
    }
  });

  it('survives a temperature so low that only the likeliest has weight', () => {
    expect(sampler({ temperature: 1e-30 }, 3).sample(Float32Array.of(1, 2, 1.999))).toBe(1);
  });

  it.each([[[1, Number.NaN, 2]], [[Number.NaN, Number.NaN]], [[1, Number.POSITIVE_INFINITY]], [[none, none]], [[]]])(
    'refuses %o',
    (logits) => {
      for (const temperature of [0, 1]) {
        expect(() => sampler({ temperature }, logits.length).sample(Float32Array.from(logits))).toThrow(
          expect.objectContaining({ code: 'numeric-fault' }),
        );
      }
    },
  );
});
