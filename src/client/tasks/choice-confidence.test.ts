import { describe, expect, it } from 'vitest';
import { choiceConfidence } from './choice-confidence.ts';

const entry = (token: string, probability: number, others: readonly (readonly [string, number])[] = []) => ({
  token,
  logprob: Math.log(probability),
  bytes: null as never,
  top_logprobs: [[token, probability] as const, ...others].map(([text, share]) => ({
    token: text,
    logprob: Math.log(share),
    bytes: null as never,
  })),
});
const logprobs = (...content: readonly ReturnType<typeof entry>[]) => ({ content, refusal: null });

describe('how sure a model was of a label', () => {
  it('is its share of what the labels had, whatever else the model would rather have written', () => {
    const said = logprobs(
      entry('fa', 0.03, [
        ['The', 0.9],
        ['acc', 0.01],
      ]),
      entry('q', 0.5, [['ith', 0.4]]),
    );
    expect(choiceConfidence(['faq', 'account'], 'faq', said)).toBeCloseTo(0.75);
  });

  it('is counted where labels part, at every such place', () => {
    const said = logprobs(entry('a', 0.8, [['b', 0.2]]), entry('1', 0.5, [['2', 0.5]]));
    expect(choiceConfidence(['a1', 'a2', 'b'], 'a1', said)).toBeCloseTo(0.4);
  });

  it('leaves out what was thought before, and the end of the answer', () => {
    const said = logprobs(entry('<think>', 0.1), entry('yes', 0.6, [['no', 0.2]]), entry('<end>', 0.9));
    expect(choiceConfidence(['yes', 'no'], 'yes', said)).toBeCloseTo(0.75);
  });
});
