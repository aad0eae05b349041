/** A piece of an answer: what the model thinks, or what it says. */
export interface AnswerPart {
  readonly kind: 'reasoning' | 'content';
  readonly text: string;
}

const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * Whether a model's template knows of thinking in tags. Others may write "<think>" as a word like any other.
 * The tags are those of Qwen3, DeepSeek-R1, SmolLM3, Granite and others that took them over.
 */
export function canThink(chatTemplate: string | null): boolean {
  return chatTemplate?.includes(CLOSE) ?? false;
}

/** Whether a prompt leaves the model in the middle of its thinking: some templates open the tag themselves. */
export function endsInThinking(prompt: string): boolean {
  return prompt.trimEnd().endsWith(OPEN);
}

/**
 * Tells thinking from saying while text arrives in pieces of any size. Thinking is at most one block at the beginning;
 * later tags are text: a model that explains them must be able to. A tag that may still be coming is held back.
 */
export class ThinkingSplitter {
  #state: 'before' | 'opening' | 'thinking' | 'closing' | 'content';
  #held = '';

  constructor({ startsInThinking }: { readonly startsInThinking: boolean }) {
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
    if (this.#state === 'before') {
      const start = held.trimStart();
      if (start.startsWith(OPEN)) {
        this.#held = start.slice(OPEN.length);
        this.#state = 'opening';
      } else if (!OPEN.startsWith(start)) {
        this.#state = 'content';
      }
    } else if (this.#state === 'thinking') {
      const end = held.indexOf(CLOSE);
      const known = end === -1 ? held.length - heldBack(held) : end;
      if (known > 0) parts.push({ kind: 'reasoning', text: held.slice(0, known) });
      this.#held = end === -1 ? held.slice(known) : held.slice(end + CLOSE.length);
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
function heldBack(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (CLOSE.startsWith(text.slice(-length))) return length;
  }
  return 0;
}
