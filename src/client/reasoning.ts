import type { ChatCompletionRequest } from './openai-types.ts';
import { invalid } from './options.ts';

/** How much of an answer's tokens each effort may think with. */
const SHARES = { none: 0, minimal: 0.1, low: 0.2, medium: 0.5, high: 0.8, xhigh: 0.9, max: 1 } as const;

export type ReasoningEffort = keyof typeof SHARES;

/**
 * Tokens that a request lets a model think; undefined where it says nothing. A bound: a model that does not think keeps it.
 * @param answerTokens The most tokens of an answer where the request does not say.
 */
export function thinkingTokens(request: ChatCompletionRequest, answerTokens: number): number | undefined {
  const { reasoning } = request;
  const most = request.max_completion_tokens ?? request.max_tokens ?? answerTokens;
  if (reasoning === undefined || reasoning === null) return shareOf(request.reasoning_effort, 'reasoning_effort', most);
  if (typeof reasoning !== 'object') throw invalid('reasoning', 'must be an object');
  const { effort, max_tokens: tokens, ...others } = reasoning;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid('reasoning', `has an unknown "${unknown}"`);
  if (request.reasoning_effort !== undefined && request.reasoning_effort !== null) {
    throw invalid('reasoning_effort', 'and "reasoning" say the same: give one of them');
  }
  if (tokens === undefined || tokens === null) return shareOf(effort, 'reasoning', most);
  if (effort !== undefined && effort !== null) throw invalid('reasoning', 'holds "effort" or "max_tokens", not both');
  if (!Number.isInteger(tokens) || tokens < 0) throw invalid('reasoning', 'needs a whole number as "max_tokens"');
  return tokens;
}

function shareOf(effort: ReasoningEffort | null | undefined, option: string, most: number): number | undefined {
  if (effort === undefined || effort === null) return undefined;
  if (!Object.hasOwn(SHARES, effort)) throw invalid(option, `must be one of ${Object.keys(SHARES).join(', ')}`);
  return Math.floor(SHARES[effort] * most);
}
