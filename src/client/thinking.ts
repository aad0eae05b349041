/** A piece of an answer: what the model thinks, or what it says. */
export interface AnswerPart {
  readonly kind: 'reasoning' | 'content';
  readonly text: string;
}

/** What a family of models writes around its thinking. */
export interface ThinkingTags {
  readonly open: string;
  readonly close: string;
}

/** Those of Qwen3, DeepSeek-R1, SmolLM3, Granite and many more; Magistral; EXAONE Deep; Seed-OSS; Kimi; Gemma 4. */
const FAMILIES: readonly ThinkingTags[] = [
  ['<think>', '</think>'],
  ['[THINK]', '[/THINK]'],
  ['<thought>', '</thought>'],
  ['<seed:think>', '</seed:think>'],
  ['◁think▷', '◁/think▷'],
  ['<|channel>thought', '<channel|>'],
].map(([open = '', close = '']) => ({ open, close }));

/**
 * The tags that a model's template knows of; undefined where it knows none. Others may write "<think>" as a word like any
 * other.
 */
export function thinkingTags(chatTemplate: string | null): ThinkingTags | undefined {
  return FAMILIES.find(({ close }) => chatTemplate?.includes(close));
}

/** Whether a prompt leaves the model in the middle of its thinking: some templates open the tag themselves. */
export function endsInThinking(prompt: string, { open }: ThinkingTags): boolean {
  return prompt.trimEnd().endsWith(open);
}

/** How the thinking of an answer is found. */
export interface Thinking {
  readonly tags: ThinkingTags;
  readonly startsInThinking: boolean;
}

/**
 * Tells thinking from saying while text arrives in pieces of any size. Thinking is at most one block at the beginning;
 * later tags are text: a model that explains them must be able to. A tag that may still be coming is held back.
 */
export class ThinkingSplitter {
  #state: 'before' | 'opening' | 'thinking' | 'closing' | 'content';
  #held = '';
  readonly #tags: ThinkingTags;

  constructor({ tags, startsInThinking }: Thinking) {
    this.#tags = tags;
    this.#state = startsInThinking ? 'opening' : 'before';
  }

  push(text: string): readonly AnswerPart[] {
    this.#held += text;
    const parts: AnswerPart[] = [];
    for (let before = ''; before !== this.#state; ) {
      before = this.#state;
      this.#step(parts);
    }
    return parts;
  }

  /** What was held back, when no more comes. */
  end(): readonly AnswerPart[] {
    const text = this.#held;
    this.#held = '';
    if (text.trim() === '' && this.#state !== 'content' && this.#state !== 'before') return [];
    return [{ kind: this.#state === 'thinking' || this.#state === 'opening' ? 'reasoning' : 'content', text }];
  }

  #step(parts: AnswerPart[]): void {
    const held = this.#held;
    const { open, close } = this.#tags;
    if (this.#state === 'before') {
      const start = held.trimStart();
      if (start.startsWith(open)) {
        this.#held = start.slice(open.length);
        this.#state = 'opening';
      } else if (!open.startsWith(start)) {
        this.#state = 'content';
      }
    } else if (this.#state === 'thinking') {
      const end = held.indexOf(close);
      const known = end === -1 ? held.length - heldBack(held, close) : end;
      if (known > 0) parts.push({ kind: 'reasoning', text: held.slice(0, known) });
      this.#held = end === -1 ? held.slice(known) : held.slice(end + close.length);
      if (end !== -1) this.#state = 'closing';
    } else if (this.#state === 'opening' || this.#state === 'closing') {
      // The empty lines around the tags belong to neither side.
      this.#held = held.trimStart();
      if (this.#held !== '') this.#state = this.#state === 'opening' ? 'thinking' : 'content';
    } else if (held !== '') {
      parts.push({ kind: 'content', text: held });
      this.#held = '';
    }
  }
}

/** How much of the end may be the beginning of the closing tag. */
function heldBack(text: string, close: string): number {
  for (let length = Math.min(close.length - 1, text.length); length > 0; length--) {
    if (close.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
