import type { TokenizerFields } from './metadata-fields.ts';
import { TOKEN } from './token-kind.ts';

/**
 * Texts that end a generation in the common model families, whatever else the file says
 * (source: the lists in llama-vocab.cpp of llama.cpp; files often name only one end token).
 */
const END_TEXTS = [
  '<|eot_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
  '<|flush|>',
  '<|calls|>',
  '<end_of_turn>',
  '<|endoftext|>',
  '</s>',
  '<|eom_id|>',
  '<EOT>',
  '_<EOT>',
  '[EOT]',
  '[EOS]',
  '<|end_of_text|>',
  '<end_of_utterance>',
  '<eos>',
  '<turn|>',
  '<|tool_response>',
  '<｜end▁of▁sentence｜>',
  '[e~[',
];

/** Roles of fill-in-the-middle training, with the texts that mean them where the file does not say. */
const FILL_ROLES: readonly (readonly [field: string, isEnd: boolean, texts: readonly string[]])[] = [
  ['fim_pre', false, ['<|fim_prefix|>', '<fim-prefix>', '<fim_prefix>', '<｜fim▁begin｜>', '<PRE>', '▁<PRE>']],
  ['fim_pre', false, ['<|code_prefix|>', '<|prefix|>']],
  ['fim_suf', false, ['<|fim_suffix|>', '<fim-suffix>', '<fim_suffix>', '<｜fim▁hole｜>', '<SUF>', '▁<SUF>']],
  ['fim_suf', false, ['<|code_suffix|>', '<|suffix|>']],
  ['fim_mid', false, ['<|fim_middle|>', '<fim-middle>', '<fim_middle>', '<｜fim▁end｜>', '<MID>', '▁<MID>']],
  ['fim_mid', false, ['<|code_middle|>', '<|middle|>']],
  // Padding, repository and file marks: what follows them is another document.
  ['fim_pad', true, ['<|fim_pad|>', '<fim-pad>', '<fim_pad>', '<PAD>', '[PAD]']],
  ['fim_rep', true, ['<|fim_repo|>', '<|repo_name|>', '<fim-repo>', '<REPO>', '<reponame>']],
  ['fim_sep', true, ['<|file_sep|>']],
];

/** Channel marks that frame the parts of an answer: shown, because a reader of the answer needs them. */
const SHOWN_TEXTS = ['<|channel|>', '<|message|>', '<|start|>', '<|constrain|>'];

interface Roles {
  /** Ids that end a generation. */
  readonly endIds: ReadonlySet<number>;
  /** Control tokens whose text belongs to the answer. */
  readonly shownIds: ReadonlySet<number>;
}

/**
 * Which tokens end a generation, by llama.cpp's rules. Tokens it knows by their text become control tokens in `kinds`,
 * because many files mark them as ordinary text.
 */
export function assignRoles(fields: TokenizerFields, ids: ReadonlyMap<string, number>, kinds: Uint8Array): Roles {
  const count = kinds.length;
  const endIds = new Set<number>();
  const shownIds = new Set<number>();
  const markControl = (id: number) => {
    kinds[id] = (kinds[id] ?? 0) | TOKEN.control;
  };
  for (const [field, isEnd, texts] of FILL_ROLES) {
    const named = fields.tokenId(field, count);
    const found = named ?? texts.map((text) => ids.get(text)).find((id) => id !== undefined);
    if (found === undefined) continue;
    if (named === undefined) markControl(found);
    if (isEnd) endIds.add(found);
  }
  for (const text of END_TEXTS) {
    const id = ids.get(text);
    if (id === undefined) continue;
    markControl(id);
    endIds.add(id);
  }
  for (const field of ['eos', 'eot', 'eom']) {
    const id = fields.tokenId(field, count);
    if (id !== undefined) endIds.add(id);
  }
  for (const text of SHOWN_TEXTS) {
    const id = ids.get(text);
    if (id !== undefined) {
      markControl(id);
      shownIds.add(id);
    }
  }
  // Where calls and returns have ends of their own, this one only closes a message inside an answer.
  const has = (text: string) => endIds.has(ids.get(text) ?? -1);
  const end = ids.get('<|end|>');
  const hasCall = has('<|call|>') || has('<|calls|>');
  if (end !== undefined && hasCall && (has('<|return|>') || has('<|flush|>'))) {
    endIds.delete(end);
    shownIds.add(end);
  }
  // These families have an ordinary token of this text.
  const closing = ids.get('</s>');
  if (closing !== undefined && (has('<|tool_response>') || has('<|plamo:eos|>'))) {
    endIds.delete(closing);
    kinds[closing] = TOKEN.normal;
  }
  return { endIds, shownIds };
}

/** White space that goes with a token in models known by name (source: the end of `load` in llama-vocab.cpp). */
export function assignStripping(fields: TokenizerFields, ids: ReadonlyMap<string, number>, kinds: Uint8Array): void {
  const set = (id: number, bit: number) => {
    kinds[id] = (kinds[id] ?? 0) | bit;
  };
  const pre = fields.get('pre');
  const architecture = fields.text('general.architecture');
  const name = fields.text('general.name').toLowerCase();
  const mask = ids.get('<mask>');
  if (
    (typeof pre === 'string' && /jina-v2-(?:de|es|code)/u.test(pre)) ||
    /nomic-bert-moe|jina-bert-v3/u.test(architecture)
  ) {
    if (mask !== undefined) set(mask, TOKEN.stripsLeft);
  } else if (/phi-?3/u.test(name)) {
    const keepsSpace = new Set(['<unk>', '<s>', '<|endoftext|>'].map((text) => ids.get(text)));
    const special = TOKEN.control | TOKEN.userDefined | TOKEN.unknown;
    for (const [id, kind] of kinds.entries()) {
      if ((kind & special) !== 0 && !keepsSpace.has(id)) set(id, TOKEN.stripsRight);
    }
  } else if (name.includes('modern-bert')) {
    const bracketed = ids.get('[MASK]');
    if (bracketed !== undefined) set(bracketed, TOKEN.stripsLeft);
  }
}
