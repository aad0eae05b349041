import type { GenerateRequest } from '../../protocol/index.ts';
import type { Tokenizer } from '../text/index.ts';
import { createGrammars } from './grammar/match/index.ts';
import type { TokenMask } from './sampling/index.ts';
import { controlTokenBytes } from './visible-tokens.ts';

/** What the answer to a request must look like, where it asks for something. */
export type RequestMasks = (request: GenerateRequest) => TokenMask | undefined;

/** The masks of one tokenizer; what was worked out for a grammar is used again by later requests. */
export function createRequestMasks(tokenizer: Tokenizer): RequestMasks {
  const grammars = createGrammars(tokenizer);
  return ({ grammar, visibleTokens = [] }) =>
    grammar &&
    grammars.mask(grammar.key, grammar.compiled, {
      extra: controlTokenBytes(tokenizer, visibleTokens),
      prefix: grammar.prefix ?? '',
    });
}
