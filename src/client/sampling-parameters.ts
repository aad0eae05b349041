import type { ModelManifest, SamplingOptions } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import type { SamplingParameters } from './openai-types.ts';

/** How a model speaks when the request does not say. */
export type GenerationDefaults = Omit<ModelManifest['defaults'], 'systemPrompt'> & {
  readonly systemPrompt: string | null;
};

/** For models without a manifest: moderate sampling that suits most instruction-tuned models. */
export const NEUTRAL_DEFAULTS: GenerationDefaults = {
  systemPrompt: null,
  temperature: 0.7,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repetitionPenalty: 1,
  maxTokens: 1024,
};

const KNOWN_PARAMETERS: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'repetition_penalty',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'stop',
  'max_tokens',
  'max_completion_tokens',
  'n',
]);

const MAX_SEED = 2 ** 32 - 1;
const MAX_STOP_STRINGS = 16;

export interface GenerationParameters {
  readonly sampling: SamplingOptions;
  readonly maxTokens: number;
  readonly stop: readonly string[];
}

/** What a request asks about: the other kind's field would be ignored. */
export type RequestInput = 'messages' | 'prompt';

/** Refuses what cannot be honoured, by name: an option is never ignored in silence. */
export function generationParameters(
  request: SamplingParameters,
  defaults: GenerationDefaults,
  input: RequestInput,
): GenerationParameters {
  for (const [name, value] of Object.entries(request)) {
    if (name !== input && !KNOWN_PARAMETERS.has(name) && value !== undefined && value !== null) {
      throw new SottoError('unsupported-option', `"${name}" is not supported.`, { details: { option: name } });
    }
  }
  if ((request.n ?? 1) !== 1) throw new SottoError('unsupported-option', '"n" must be 1: one answer a request.');
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  return {
    sampling: {
      temperature: number('temperature', request.temperature, defaults.temperature, 0, 2),
      topK: integer('top_k', request.top_k, defaults.topK, 0, 1_000_000),
      topP: number('top_p', request.top_p, defaults.topP, 0, 1),
      minP: number('min_p', request.min_p, defaults.minP, 0, 1),
      repetitionPenalty: number('repetition_penalty', request.repetition_penalty, defaults.repetitionPenalty, 0.01, 10),
      frequencyPenalty: number('frequency_penalty', request.frequency_penalty, 0, -2, 2),
      presencePenalty: number('presence_penalty', request.presence_penalty, 0, -2, 2),
      seed: integer('seed', request.seed, randomSeed(), 0, MAX_SEED),
    },
    maxTokens: integer('max_tokens', maxTokens, defaults.maxTokens, 1, 1_000_000),
    stop: stopStrings(request.stop),
  };
}

function number(name: string, value: number | null | undefined, fallback: number, low: number, high: number): number {
  if (value === undefined || value === null) return fallback;
  if (typeof value !== 'number' || !(value >= low && value <= high)) {
    const message = `"${name}" must be a number from ${low} to ${high}, not ${JSON.stringify(value)}.`;
    throw new SottoError('invalid-option', message, { details: { option: name } });
  }
  return value;
}

function integer(name: string, value: number | null | undefined, fallback: number, low: number, high: number): number {
  const result = number(name, value, fallback, low, high);
  if (!Number.isInteger(result)) {
    throw new SottoError('invalid-option', `"${name}" must be a whole number.`, { details: { option: name } });
  }
  return result;
}

function stopStrings(stop: SamplingParameters['stop']): readonly string[] {
  if (stop === undefined || stop === null) return [];
  const list = typeof stop === 'string' ? [stop] : stop;
  const isValid = Array.isArray(list) && list.every((text) => typeof text === 'string' && text.length > 0);
  if (!isValid || list.length > MAX_STOP_STRINGS) {
    const message = `"stop" must be a text or up to ${MAX_STOP_STRINGS} texts, none of them empty.`;
    throw new SottoError('invalid-option', message, { details: { option: 'stop' } });
  }
  return list;
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
