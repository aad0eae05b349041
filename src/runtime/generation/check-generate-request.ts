import type { AdapterUse, GenerateRequest, SamplingOptions } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { AdapterChoice } from '../backends/decoder-backend.ts';

interface Range {
  readonly low: number;
  readonly high: number;
  readonly isWhole?: true;
}

const RANGES: Readonly<Record<Exclude<keyof SamplingOptions, 'logitBias'> | 'maxTokens' | 'topLogprobs', Range>> = {
  temperature: { low: 0, high: 100 },
  topK: { low: 0, high: 2 ** 31, isWhole: true },
  topP: { low: 0, high: 1 },
  minP: { low: 0, high: 1 },
  repetitionPenalty: { low: 0.01, high: 100 },
  frequencyPenalty: { low: -100, high: 100 },
  presencePenalty: { low: -100, high: 100 },
  typicalP: { low: 0, high: 1 },
  seed: { low: 0, high: 2 ** 32 - 1, isWhole: true },
  maxTokens: { low: 1, high: 2 ** 31, isWhole: true },
  topLogprobs: { low: 0, high: 100, isWhole: true },
};

/** Options that may be left out. */
const OPTIONAL: ReadonlySet<string> = new Set(['typicalP', 'topLogprobs']);
const MOST_BIAS = 1e4;

/** Refuses values no generation can run with: `invalid-option`, naming the option. Callers may be stricter. */
export function checkGenerateRequest(request: GenerateRequest, vocabularySize: number): void {
  const { sampling, maxTokens, topLogprobs, stop, prompt } = request;
  for (const [option, range] of Object.entries(RANGES)) {
    const value = { ...sampling, maxTokens, topLogprobs }[option as keyof typeof RANGES];
    if (value !== undefined || !OPTIONAL.has(option)) checkNumber(option, value, range);
  }
  checkLogitBias(sampling.logitBias, vocabularySize);
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

/** Adapters at once: each costs a little of every token. */
const MOST_ADAPTERS = 8;
const MOST_SCALE = 100;

/** What `adapter` asks for; throws `invalid-option`. */
export function adapterChoices(adapter: GenerateRequest['adapter'] = []): readonly AdapterChoice[] {
  const list: unknown = typeof adapter === 'string' ? [{ name: adapter }] : adapter;
  const isValid = (one: unknown): one is AdapterUse =>
    typeof one === 'object' &&
    one !== null &&
    'name' in one &&
    typeof one.name === 'string' &&
    (!('scale' in one) || one.scale === undefined || Math.abs(Number(one.scale)) <= MOST_SCALE);
  if (!Array.isArray(list) || list.length > MOST_ADAPTERS || !list.every(isValid)) {
    throw invalid('adapter', `must be the name of an adapter or a list of up to ${MOST_ADAPTERS} { name, scale }`);
  }
  return list.map(({ name, scale = 1 }) => ({ name, scale }));
}

function checkLogitBias(bias: SamplingOptions['logitBias'], vocabularySize: number): void {
  if (bias === undefined) return;
  const isEntry = (entry: unknown) => Array.isArray(entry) && entry.length === 2;
  if (!Array.isArray(bias) || !bias.every(isEntry)) throw invalid('logitBias', 'must be pairs of token id and bias');
  for (const [token, value] of bias) {
    // What only the one who knows the vocabulary can refuse is named as it stands in a request.
    checkNumber('logit_bias', token, { low: 0, high: vocabularySize - 1, isWhole: true });
    checkNumber('logitBias', value, { low: -MOST_BIAS, high: MOST_BIAS });
  }
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
