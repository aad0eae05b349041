import type { GgufField } from '../../formats/gguf/index.ts';
import { SottoError } from '../../shared/index.ts';
import { flag, text, uint } from './fields.ts';
import type { ModelConfig } from './model-config.ts';
import { stepsOf } from './tokenizer-steps.ts';

/** Where the file says nothing of a token: never chosen. */
const NO_SCORE = -1e9;
const UNKNOWN = 2;

/**
 * Writes what is special to SentencePiece's unigram model (T5, XGLM): scores, the map that normalises characters, and
 * whether runs of spaces are one. `kinds`: those of all tokens; the unknown one is marked in them.
 * Throws `tokenizer-unsupported` for steps that no GGUF file can say, or `model-config-invalid`.
 */
export function writeUnigram(
  write: (name: string, value: GgufField) => void,
  tokenizer: ModelConfig,
  kinds: number[],
): void {
  const model = tokenizer.object('model')!;
  const pairs = model.raw('vocab');
  if (!Array.isArray(pairs)) throw damaged('vocab is not a list of tokens and scores');
  if (model.flag('byte_fallback', false)) throw refusal('bytes for unknown characters');
  const scores = new Float32Array(kinds.length).fill(NO_SCORE);
  for (const [id, pair] of pairs.entries()) {
    const score: unknown = (pair as readonly unknown[])?.[1];
    if (typeof score !== 'number') throw damaged(`token ${id} has no score`);
    scores[id] = score;
  }
  const unknown = model.integer('unk_id', 0, kinds.length - 1);
  kinds[unknown] = UNKNOWN;
  write('model', text('t5'));
  write('pre', text('default'));
  write('scores', { type: 'array', of: 'float32', value: scores });
  write('unknown_token_id', uint(unknown));
  let [mergesSpaces, keepsLast] = [false, true];
  for (const step of stepsOf(tokenizer, 'normalizer')) {
    const type = step.text('type');
    if (type === 'Precompiled') write('precompiled_charsmap', bytesOf(step.text('precompiled_charsmap') ?? ''));
    else if (type === 'Replace' && isRunOfSpaces(step)) mergesSpaces = true;
    else if (type === 'Strip') keepsLast = false;
    else if (type !== 'Prepend') throw refusal(`the normalisation ${type}`);
  }
  for (const step of stepsOf(tokenizer, 'pre_tokenizer')) {
    const type = step.text('type');
    if (type === 'WhitespaceSplit') [mergesSpaces, keepsLast] = [true, false];
    else if (type !== 'Metaspace') throw refusal(`the division ${type}`);
  }
  write('remove_extra_whitespaces', flag(mergesSpaces));
  // Of this project's own: no file of llama.cpp's says it.
  if (mergesSpaces && keepsLast) write('keep_last_whitespace', flag(true));
}

function isRunOfSpaces(step: ModelConfig): boolean {
  return step.text('content') === ' ' && step.object('pattern')?.text('Regex') === ' {2,}';
}

function bytesOf(base64: string): GgufField {
  try {
    return { type: 'array', of: 'uint8', value: Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)) };
  } catch {
    throw damaged('precompiled_charsmap is not base64');
  }
}

function refusal(step: string): SottoError {
  return new SottoError('tokenizer-unsupported', `A unigram tokenizer with ${step} cannot be converted.`, {
    details: { step },
  });
}

function damaged(problem: string): SottoError {
  return new SottoError('model-config-invalid', `tokenizer.json: ${problem}.`);
}
