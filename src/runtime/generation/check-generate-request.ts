import type { GenerateRequest, SamplingOptions } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';

interface Range {
  readonly low: number;
  readonly high: number;
  readonly isWhole?: true;
}

const RANGES: Readonly<Record<keyof SamplingOptions | 'maxTokens', Range>> = {
  temperature: { low: 0, high: 100 },
  topK: { low: 0, high: 2 ** 31, isWhole: true },
  topP: { low: 0, high: 1 },
  minP: { low: 0, high: 1 },
  repetitionPenalty: { low: 0.01, high: 100 },
  frequencyPenalty: { low: -100, high: 100 },
  presencePenalty: { low: -100, high: 100 },
  seed: { low: 0, high: 2 ** 32 - 1, isWhole: true },
  maxTokens: { low: 1, high: 2 ** 31, isWhole: true },
};

/** Refuses values no generation can run with: `invalid-option`, naming the option. Callers may be stricter. */
export function checkGenerateRequest({ sampling, maxTokens, stop, prompt }: GenerateRequest): void {
  for (const [option, range] of Object.entries(RANGES)) {
    checkNumber(option, { ...sampling, maxTokens }[option as keyof typeof RANGES], range);
  }
  if (!Array.isArray(stop) || !stop.every((text) => typeof text === 'string' && text !== '')) {
    throw invalid('stop', 'must be a list of texts, none of them empty');
  }
  const isPrompt = (piece: unknown) =>
    typeof piece === 'object' &&
    piece !== null &&
    'kind' in piece &&
    'text' in piece &&
    (piece.kind === 'template' || piece.kind === 'text') &&
    typeof piece.text === 'string';
  if (!Array.isArray(prompt) || !prompt.every(isPrompt))
    throw invalid('prompt', 'must be a list of template and text pieces');
}

/** Refuses what is not a number of the range: `invalid-option`, naming the option. */
export function checkNumber(option: string, value: unknown, { low, high, isWhole }: Range): void {
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    throw invalid(option, `must be a number from ${low} to ${high}, not ${JSON.stringify(value) ?? 'undefined'}`);
  }
  if (isWhole && !Number.isInteger(value)) throw invalid(option, `must be a whole number, not ${value}`);
}

function invalid(option: string, problem: string): SottoError {
  return new SottoError('invalid-option', `"${option}" ${problem}.`, { details: { option } });
}
