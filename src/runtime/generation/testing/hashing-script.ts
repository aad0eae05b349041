import { END } from './byte-tokenizer.ts';
import type { Script } from './scripted-backend.ts';

/** A next token that depends on every token before it, so that a wrong cache shows. It never ends by itself. */
export const hashing: Script = (cache, logits) => {
  const state = cache.reduce((sum, token) => Math.imul(sum ^ token, 16_777_619), 2_166_136_261);
  for (let id = 0; id < logits.length; id++) {
    const hash = Math.imul(state ^ Math.imul(id + 1, 0x9e3779b1), 16_777_619);
    logits[id] = ((hash >>> 8) % 1_000) / 100;
  }
  logits[END] = -20;
};
