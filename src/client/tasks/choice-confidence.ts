import type { ChatLogprobs } from '../openai-types.ts';

/** Tokens that are asked for in each place: labels beyond these had next to no chance. */
export const CHOICE_LOGPROBS = 20;

/**
 * How sure a model was of the label it wrote, 0 to 1: at every token where labels part, its share of what the labels that were still possible had.
 * The model's own probabilities, so a model that is often wrong can be sure of it.
 */
export function choiceConfidence(choices: readonly string[], written: string, logprobs: ChatLogprobs | null): number {
  const tokens = answerTokens(written, logprobs);
  let prefix = '';
  let confidence = 1;
  for (const { token, logprob, top_logprobs: top } of tokens) {
    const possible = choices.filter((choice) => choice.startsWith(prefix));
    if (possible.length > 1) {
      const own = Math.exp(logprob);
      const others = top
        .filter((other) => other.token !== token && other.token !== '')
        .filter((other) => possible.some((choice) => choice.startsWith(prefix + other.token)))
        .reduce((sum, other) => sum + Math.exp(other.logprob), 0);
      if (own + others > 0) confidence *= own / (own + others);
    }
    prefix += token;
  }
  return confidence;
}

/** The tokens of the answer itself: what a model thought before it comes in front. */
function answerTokens(written: string, logprobs: ChatLogprobs | null): ChatLogprobs['content'] {
  const all = logprobs?.content ?? [];
  let text = '';
  for (let at = all.length - 1; at >= 0; at--) {
    text = (all[at]?.token ?? '') + text;
    if (text.startsWith(written)) return all.slice(at);
    if (text.length > written.length + 40) break;
  }
  return [];
}
