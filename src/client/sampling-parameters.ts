import type { ModelManifest, SamplingOptions } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import type { ChatCompletionRequest, SamplingParameters } from './openai-types.ts';

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

const MAX_SEED = 2 ** 32 - 1;
const MAX_STOP_STRINGS = 16;
const MAX_ANSWERS = 16;

export interface GenerationParameters {
  readonly sampling: SamplingOptions;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** Answers to each prompt. */
  readonly answers: number;
}

/** What requests of both kinds may say about generation. */
type Request = SamplingParameters & Pick<ChatCompletionRequest, 'max_completion_tokens'>;

/** A request's numbers within their ranges, and the model's defaults where it says nothing. Rejects with `invalid-option`. */
export function generationParameters(request: Request, defaults: GenerationDefaults): GenerationParameters {
  const maxTokens = request.max_completion_tokens ?? request.max_tokens;
  return {
    answers: integer('n', request.n, 1, 1, MAX_ANSWERS),
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

/** Whether a streamed request wants its usage in a chunk of its own. Rejects with `invalid-option`. */
export function wantsUsageChunk({ stream_options: options }: Pick<ChatCompletionRequest, 'stream_options'>): boolean {
  if (options === undefined || options === null) return false;
  const { include_usage: usage = false, include_obfuscation: obfuscation = false, ...others } = options;
  if (typeof usage !== 'boolean' || obfuscation !== false || Object.keys(others).length > 0) {
    const message = '"stream_options" may hold "include_usage" (true or false) and "include_obfuscation" (false).';
    throw new SottoError('invalid-option', message, { details: { option: 'stream_options' } });
  }
  return usage;
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
