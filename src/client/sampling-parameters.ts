import type { GenerateRequest, ModelManifest, SamplingOptions } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import type { ChatCompletionRequest, CompletionRequest, SamplingParameters } from './openai-types.ts';

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
const MAX_BIAS = 100;
const MAX_TEXT_LOGPROBS = 5;
const MAX_CHAT_LOGPROBS = 20;

export interface GenerationParameters {
  readonly sampling: SamplingOptions;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** Answers to each prompt. */
  readonly answers: number;
  /** The likeliest tokens to report in each place; undefined: no log-probabilities. */
  readonly topLogprobs: number | undefined;
  readonly speculation: 'auto' | 'off';
  readonly priority: 'interactive' | 'background';
  readonly adapter: GenerateRequest['adapter'] | null | undefined;
}

/** What requests of either kind may say about generation. */
export type GenerationRequest = SamplingParameters &
  Partial<Pick<ChatCompletionRequest, 'max_completion_tokens' | 'top_logprobs'>> & {
    readonly logprobs?: ChatCompletionRequest['logprobs'] | CompletionRequest['logprobs'];
  };

/** A request's numbers within their ranges, and the model's defaults where it says nothing. Rejects with `invalid-option`. */
export function generationParameters(request: GenerationRequest, defaults: GenerationDefaults): GenerationParameters {
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
      typicalP: number('typical_p', request.typical_p, 1, 0, 1),
      logitBias: logitBias(request.logit_bias),
      seed: integer('seed', request.seed, randomSeed(), 0, MAX_SEED),
    },
    maxTokens: integer('max_tokens', maxTokens, defaults.maxTokens, 1, 1_000_000),
    stop: stopStrings(request.stop),
    topLogprobs: topLogprobs(request),
    speculation: oneOf('speculation', request.speculation, ['auto', 'off']),
    priority: oneOf('priority', request.priority, ['interactive', 'background']),
    // Checked where it is used: the engine knows the names.
    adapter: request.adapter,
  };
}

/** Whether a streamed request wants its usage in a chunk of its own. Rejects with `invalid-option`. */
export function wantsUsageChunk({
  stream,
  stream_options: options,
}: Pick<ChatCompletionRequest, 'stream' | 'stream_options'>): boolean {
  if (options === undefined || options === null) return false;
  const { include_usage: usage = false, include_obfuscation: obfuscation = false, ...others } = options;
  if (stream !== true) {
    throw new SottoError('invalid-option', '"stream_options" needs "stream": true.', {
      details: { option: 'stream_options' },
    });
  }
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

/** Log-probabilities as either API asks for them: a number (text), or a flag and a number (chat). */
function topLogprobs({ logprobs, top_logprobs: top }: GenerationRequest): number | undefined {
  if (typeof logprobs === 'number') return integer('logprobs', logprobs, 0, 0, MAX_TEXT_LOGPROBS);
  if (logprobs !== undefined && logprobs !== null && typeof logprobs !== 'boolean') {
    throw new SottoError('invalid-option', '"logprobs" must be true, false or a number.', {
      details: { option: 'logprobs' },
    });
  }
  if (logprobs === true) return integer('top_logprobs', top, 0, 0, MAX_CHAT_LOGPROBS);
  if (top === undefined || top === null) return undefined;
  throw new SottoError('invalid-option', '"top_logprobs" needs "logprobs": true.', {
    details: { option: 'top_logprobs' },
  });
}

function logitBias(bias: SamplingParameters['logit_bias']): readonly (readonly [tokenId: number, bias: number])[] {
  if (bias === undefined || bias === null) return [];
  const entries = typeof bias === 'object' && !Array.isArray(bias) ? Object.entries(bias) : [['', 0] as const];
  return entries.map(([token, value]) => {
    if (!/^\d{1,9}$/.test(token) || typeof value !== 'number' || !(Math.abs(value) <= MAX_BIAS)) {
      const message = `"logit_bias" must map token ids to numbers from -${MAX_BIAS} to ${MAX_BIAS}.`;
      throw new SottoError('invalid-option', message, { details: { option: 'logit_bias' } });
    }
    return [Number(token), value] as const;
  });
}

/** One of a few words, the first where the request does not say. */
function oneOf<Word extends string>(
  name: string,
  value: Word | null | undefined,
  words: readonly [Word, ...(readonly Word[])],
): Word {
  if (value === undefined || value === null) return words[0];
  if (words.includes(value)) return value;
  const message = `"${name}" must be ${words.map((word) => JSON.stringify(word)).join(' or ')}.`;
  throw new SottoError('invalid-option', message, { details: { option: name } });
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
