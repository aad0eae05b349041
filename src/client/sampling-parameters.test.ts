import { describe, expect, it } from 'vitest';
import { SottoError } from '../shared/index.ts';
import { generationParameters, NEUTRAL_DEFAULTS, wantsUsageChunk } from './sampling-parameters.ts';

function errorOf(request: Record<string, unknown>): SottoError {
  try {
    generationParameters(request, NEUTRAL_DEFAULTS);
  } catch (error) {
    if (SottoError.isInstance(error)) return error;
  }
  throw new Error('expected a coded error');
}

describe('generationParameters', () => {
  it('takes the defaults where the request says nothing, and draws a seed', () => {
    const { sampling, maxTokens, stop } = generationParameters({ temperature: null }, { ...NEUTRAL_DEFAULTS, topK: 7 });
    expect(sampling).toMatchObject({ temperature: NEUTRAL_DEFAULTS.temperature, topK: 7, frequencyPenalty: 0 });
    expect(Number.isInteger(sampling.seed)).toBe(true);
    expect(maxTokens).toBe(NEUTRAL_DEFAULTS.maxTokens);
    expect(stop).toEqual([]);
  });

  it('takes what the request says', () => {
    const request = {
      temperature: 0,
      top_p: 0.5,
      min_p: 0.1,
      seed: 7,
      stop: 'END',
      max_tokens: 9,
      max_completion_tokens: 5,
    };
    const { sampling, maxTokens, stop } = generationParameters(request, NEUTRAL_DEFAULTS);
    expect(sampling).toMatchObject({ temperature: 0, topP: 0.5, minP: 0.1, seed: 7 });
    expect({ maxTokens, stop }).toEqual({ maxTokens: 5, stop: ['END'] });
  });

  it.each([
    [{ temperature: 2.1 }, 'temperature'],
    [{ temperature: Number.NaN }, 'temperature'],
    [{ temperature: '1' }, 'temperature'],
    [{ top_p: -0.1 }, 'top_p'],
    [{ top_k: 1.5 }, 'top_k'],
    [{ min_p: 2 }, 'min_p'],
    [{ repetition_penalty: 0 }, 'repetition_penalty'],
    [{ presence_penalty: 3 }, 'presence_penalty'],
    [{ seed: -1 }, 'seed'],
    [{ seed: 2 ** 32 }, 'seed'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ stop: [''] }, 'stop'],
    [{ stop: [1] }, 'stop'],
    [{ typical_p: 2 }, 'typical_p'],
    [{ logit_bias: { a: 1 } }, 'logit_bias'],
    [{ logit_bias: { 1: 101 } }, 'logit_bias'],
    [{ logit_bias: [1] }, 'logit_bias'],
    [{ logprobs: 6 }, 'logprobs'],
    [{ logprobs: 'yes' }, 'logprobs'],
    [{ top_logprobs: 2 }, 'top_logprobs'],
    [{ logprobs: true, top_logprobs: 21 }, 'top_logprobs'],
    [{ n: 0 }, 'n'],
    [{ n: 17 }, 'n'],
  ])('refuses %j by name', (request, option) => {
    expect(errorOf(request)).toMatchObject({ code: 'invalid-option', details: { option } });
  });
});

describe('wantsUsageChunk', () => {
  it('reads include_usage', () => {
    expect(wantsUsageChunk({})).toBe(false);
    expect(wantsUsageChunk({ stream: true, stream_options: { include_usage: true, include_obfuscation: false } })).toBe(
      true,
    );
  });

  it.each([{ include_usage: 'yes' }, { include_obfuscation: true }, { chunk: 1 }])('refuses %j', (stream_options) => {
    expect(() => wantsUsageChunk({ stream: true, stream_options } as object)).toThrow(
      expect.objectContaining({ code: 'invalid-option', details: { option: 'stream_options' } }),
    );
  });
});
