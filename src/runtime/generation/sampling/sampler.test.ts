import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SamplingOptions } from '../../../protocol/index.ts';
import type { ExactLogits } from '../../backends/decoder-backend.ts';
import { GREEDY } from '../testing/greedy.ts';
import { logProbabilities } from './log-probabilities.ts';
import { PENALTY_WINDOW } from './penalties.ts';
import { createRandomSource } from './random.ts';
import { Sampler } from './sampler.ts';

const NEUTRAL: SamplingOptions = { ...GREEDY, temperature: 1, seed: 1 };

const sampler = (options: Partial<SamplingOptions>, size = 8, history: readonly number[] = []) => {
  const made = new Sampler({ ...NEUTRAL, ...options }, size);
  for (const token of history) made.accept(token);
  return made;
};

/** The definitions, written plainly: sort everything, then cut, then weigh. Returns the probability of each token. */
function reference(logits: readonly number[], options: SamplingOptions): Map<number, number> {
  const { topK, topP, minP, temperature, typicalP = 1 } = options;
  const softmax = (ids: readonly number[], divisor: number) => {
    const highest = Math.max(...ids.map((id) => logits[id]!));
    const weights = ids.map((id) => Math.exp((logits[id]! - highest) / divisor));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight) => weight / total);
  };
  let ids = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (topK > 0) ids = ids.slice(0, topK);
  if (typicalP < 1) ids = typical(ids, softmax(ids, 1), typicalP);
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

/** The ids whose surprise is nearest to the entropy, as many as reach `p`; in the order they came. */
function typical(ids: readonly number[], probabilities: readonly number[], p: number): number[] {
  const entropy = probabilities.reduce((sum, value) => sum - value * Math.log(value), 0);
  const byTypicality = ids
    .map((id, index) => ({ id, probability: probabilities[index]! }))
    .sort((a, b) => Math.abs(-Math.log(a.probability) - entropy) - Math.abs(-Math.log(b.probability) - entropy));
  const kept = new Set<number>();
  let taken = 0;
  for (const { id, probability } of byTypicality) {
    kept.add(id);
    taken += probability;
    if (taken >= p) break;
  }
  return ids.filter((id) => kept.has(id));
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
    { typicalP: 0.3 },
    { typicalP: 0.7 },
    { typicalP: 0 },
    { typicalP: 0.9, temperature: 0.4 },
    { topK: 6, typicalP: 0.8, topP: 0.9, minP: 0.1, temperature: 1.4 },
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

it('keeps the typical tokens of the plain definition', () => {
  // Logits in general position: where two tokens are equally typical, either may be the last one.
  const random = createRandomSource(11);
  for (let run = 0; run < 200; run++) {
    const logits = Float32Array.from({ length: 2 + Math.floor(random.next() * 40) }, () => random.next() * 12 - 6);
    const options = {
      typicalP: [0.2, 0.6, 0.95][run % 3]!,
      topK: [0, 5, 100][run % 4] ?? 0,
      topP: [1, 0.8][run % 5] ?? 1,
    };
    const kept = reference([...logits], { ...NEUTRAL, ...options });
    const made = sampler(options, logits.length);
    for (let draw = 0; draw < 20; draw++) expect([...kept.keys()]).toContain(made.sample(logits));
  }
});

it('draws a token that is typical though far less likely than another, however low the temperature', () => {
  // One token of 20 % beside many of 0.8 %: what is typical is the many.
  const logits = [Math.log(0.2), ...Array.from({ length: 100 }, () => Math.log(0.008))];
  const made = sampler({ typicalP: 0.5, temperature: 0.01 }, logits.length);
  for (let draw = 0; draw < 50; draw++) expect(made.sample(Float32Array.from(logits))).toBeGreaterThan(0);
});

describe('candidates that an engine has listed', () => {
  /** The highest and those besides, as an engine that reads its head in outline leaves them: the others are lower, and not right. */
  const listed = (logits: Float32Array, { highest, besides = [] }: ExactLogits) => {
    const others = Array.from(logits.keys()).filter((id) => !besides.includes(id));
    const order = others.sort((a, b) => logits[b]! - logits[a]! || a - b);
    const least = logits[order[Math.min(highest, order.length) - 1]!]!;
    const candidates = Array.from(logits.keys()).filter((id) => besides.includes(id) || logits[id]! >= least);
    return { candidates, rough: logits.map((logit, id) => (candidates.includes(id) ? logit : logit - 1)) };
  };

  it('give the tokens that all logits would, whatever the options', () => {
    const option = fc.record({
      temperature: fc.constantFrom(0, 0.2, 1),
      topK: fc.integer({ min: 1, max: 30 }),
      topP: fc.constantFrom(0.3, 0.95, 1),
      minP: fc.constantFrom(0, 0.05, 0.5),
      typicalP: fc.constantFrom(0.5, 1),
      repetitionPenalty: fc.constantFrom(0.8, 1, 1.3),
      presencePenalty: fc.constantFrom(0, 0.4),
      logitBias: fc.constantFrom<[number, number][]>(
        [],
        [[3, 5]],
        [
          [20, -2],
          [23, 9],
        ],
      ),
    });
    const logit = fc.integer({ min: -12, max: 12 }).map((steps) => steps / 2);
    const history = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 80 });
    fc.assert(
      fc.property(option, fc.array(logit, { minLength: 24, maxLength: 24 }), history, (options, values, past) => {
        const logits = Float32Array.from(values);
        const [all, some] = [sampler(options, 24, past), sampler(options, 24, past)];
        for (let draw = 0; draw < 4; draw++) {
          const { candidates, rough } = listed(logits, some.deciding!);
          expect(some.sampleListed(rough, candidates)).toBe(all.sample(logits));
        }
      }),
    );
  });

  it('are asked for where so many of the highest decide, and not where all may', () => {
    expect(sampler({ temperature: 0, repetitionPenalty: 1.1 }, 8, [2, 5]).deciding).toMatchObject({
      highest: 1,
      besides: [2, 5],
    });
    expect(sampler({ topK: 5, logitBias: [[7, 1]] }).deciding).toMatchObject({ highest: 5, besides: [7] });
    expect(sampler({ topK: 0 }).deciding).toBeUndefined();
  });
});

describe('logit bias', () => {
  it('changes shares as if the logits were others', () => {
    const biased = LOGITS.map((logit, id) => (id === 3 ? logit + 1.5 : id === 0 ? logit - 2 : logit));
    const logitBias: [number, number][] = [
      [3, 1.5],
      [0, -2],
    ];
    const made = sampler({ logitBias, topP: 0.9 }, LOGITS.length);
    const plain = sampler({ topP: 0.9 }, LOGITS.length);
    for (let draw = 0; draw < 200; draw++) {
      expect(made.sample(Float32Array.from(LOGITS))).toBe(plain.sample(Float32Array.from(biased)));
    }
  });

  it('bans and forces, greedy too', () => {
    const logits = Float32Array.from(LOGITS);
    expect(sampler({ temperature: 0, logitBias: [[0, -100]] }).sample(logits)).toBe(1);
    expect(sampler({ temperature: 0, logitBias: [[7, 100]] }).sample(logits)).toBe(7);
    expect([...logits]).toEqual(LOGITS);
  });
});

describe('a mask', () => {
  const only = (...ids: number[]) => {
    const words = new Uint32Array(3);
    for (const id of ids) words[id >>> 5]! |= 1 << (id & 31);
    return words;
  };

  it('leaves the shares of what it allows in proportion', () => {
    const made = sampler({}, LOGITS.length);
    const counts = new Map<number, number>();
    for (let draw = 0; draw < 20_000; draw++) {
      const token = made.sample(Float32Array.from(LOGITS), only(1, 4, 6));
      counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([1, 4, 6]);
    const weights = [1, 4, 6].map((id) => Math.exp(LOGITS[id]!));
    const total = weights.reduce((sum, weight) => sum + weight);
    const chiSquare = [1, 4, 6].reduce((sum, id, index) => {
      const expected = (20_000 * weights[index]!) / total;
      return sum + (counts.get(id)! - expected) ** 2 / expected;
    }, 0);
    expect(chiSquare).toBeLessThan(25);
  });

  it('reaches every word of a large vocabulary, and what lies behind its last word', () => {
    const logits = new Float32Array(100).fill(1);
    for (const id of [0, 31, 32, 63, 64, 95]) expect(sampler({}, 100).sample(logits, only(id))).toBe(id);
    expect(() => sampler({}, 100).sample(logits, only())).toThrow(expect.objectContaining({ code: 'numeric-fault' }));
    expect(sampler({ temperature: 0 }, 100).sample(logits, new Uint32Array(4).fill(0xffff_ffff))).toBe(0);
  });
});

describe('log-probabilities', () => {
  it('are those of the plain softmax, likeliest first', () => {
    const logits = Float32Array.from([0.5, 2, -1, 2, Number.NEGATIVE_INFINITY]);
    const mass = [...logits].reduce((sum, logit) => sum + Math.exp(logit), 0);
    const { chosen, top } = logProbabilities(logits, 2, 10);
    expect(chosen[1]).toBeCloseTo(-1 - Math.log(mass), 6);
    expect(top.map(([id]) => id)).toEqual([1, 3, 0, 2, 4]);
    expect(top.map(([, value]) => Math.exp(value)).reduce((sum, value) => sum + value)).toBeCloseTo(1, 6);
    expect(logProbabilities(logits, 1, 0).top).toEqual([]);
    expect(logProbabilities(logits, 4, 2)).toMatchObject({ chosen: [4, Number.NEGATIVE_INFINITY] });
  });

  it('are those of the plain softmax for any logits, of equals the lower id first', () => {
    const values = fc.array(fc.constantFrom(-90, -3, -0.5, 0, 1, 2.25, Number.NEGATIVE_INFINITY), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.nat(12), (numbers, count) => {
        fc.pre(numbers.some(Number.isFinite));
        const highest = Math.max(...numbers);
        const total = highest + Math.log(numbers.reduce((sum, logit) => sum + Math.exp(logit - highest), 0));
        const { top } = logProbabilities(Float32Array.from(numbers), 0, count);
        const order = [...numbers.keys()].sort((a, b) =>
          numbers[b]! > numbers[a]! ? 1 : numbers[b] === numbers[a] ? a - b : -1,
        );
        expect(top.map(([id]) => id)).toEqual(order.slice(0, count));
        for (const [id, value] of top) {
          if (Number.isFinite(value)) expect(value).toBeCloseTo(numbers[id]! - total, 12);
          else expect(numbers[id]).toBe(Number.NEGATIVE_INFINITY);
        }
      }),
    );
  });

  it('look at each token once', () => {
    const looks = new Map<string, number>();
    const logits = Float32Array.from({ length: 500 }, (_, id) => Math.sin(id));
    const watched = new Proxy(logits, {
      get(target, key) {
        if (typeof key === 'string' && key !== 'length') looks.set(key, (looks.get(key) ?? 0) + 1);
        return Reflect.get(target, key, target);
      },
    });
    logProbabilities(watched, 7, 20);
    looks.delete('7');
    expect([...new Set(looks.values())]).toEqual([1]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are refused for %s, by its token', (wrong) => {
    expect(() => logProbabilities(Float32Array.of(1, wrong, 0), 0, 2)).toThrow('token 1');
    expect(() => logProbabilities(Float32Array.of(Number.NEGATIVE_INFINITY), 0, 0)).toThrow('no token is possible');
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
