import { SottoError, throwIfAborted } from '../../../shared/index.ts';
import { LIMITS } from '../limits.ts';

/** A piece of a document's structure. */
export interface Block {
  readonly kind: 'heading' | 'paragraph' | 'row' | 'code';
  readonly text: string;
  /** 1 to 6 for headings, else 0. */
  readonly level: number;
  /** 1-based; null where the format has no pages. */
  readonly page: number | null;
}

/** What was left out or found hidden, so that it can be said. */
export interface Notices {
  /** Characters that were in the file but not to be seen: white on white, zero size, `display: none`, tag characters. */
  readonly hiddenCharacters: number;
  readonly isCutShort: boolean;
}

export interface Extracted {
  readonly blocks: readonly Block[];
  readonly pages: number | null;
  readonly notices: Notices;
}

/** Characters that a person cannot see and a model can read. */
const UNSEEN = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e0fff}]/gu;

/** Collects blocks within the limits; further ones are dropped and the cut is noted. */
export class BlockCollector {
  readonly #blocks: Block[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #until = performance.now() + LIMITS.readMs;
  #characters = 0;
  #hidden = 0;
  #isCutShort = false;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** False when nothing more is taken. */
  add(block: {
    readonly kind: Block['kind'];
    readonly text: string;
    readonly level?: number;
    readonly page?: number | null;
  }): boolean {
    throwIfAborted(this.#signal);
    if (this.isFull) return false;
    const seen = block.text.replace(UNSEEN, () => {
      this.#hidden += 1;
      return '';
    });
    const text = block.kind === 'code' ? seen.trimEnd() : seen.replace(/[^\S\n]+/g, ' ').trim();
    if (text === '') return true;
    const room = LIMITS.characters - this.#characters;
    if (text.length > room) this.#isCutShort = true;
    const kept = text.slice(0, room);
    this.#characters += kept.length;
    if (kept !== '')
      this.#blocks.push({ kind: block.kind, text: kept, level: block.level ?? 0, page: block.page ?? null });
    return !this.isFull;
  }

  hide(characters: number): void {
    this.#hidden += characters;
  }

  cutShort(): void {
    this.#isCutShort = true;
  }

  get isFull(): boolean {
    if (this.#characters >= LIMITS.characters || performance.now() > this.#until) this.#isCutShort = true;
    return this.#isCutShort;
  }

  finish(pages: number | null = null): Extracted {
    return {
      blocks: this.#blocks,
      pages,
      notices: { hiddenCharacters: this.#hidden, isCutShort: this.#isCutShort },
    };
  }
}

/** Lines of a table or a form are no paragraphs: no empty line parts them. */
const SHORT = 80;

/** The whole text of a document, line by line. */
export function textOfBlocks(blocks: readonly Block[]): string {
  return blocks.reduce((text, block, index) => {
    const before = blocks[index - 1];
    if (before === undefined) return block.text;
    const isTight =
      block.page === before.page && block.kind !== 'heading' && block.text.length < SHORT && before.text.length < SHORT;
    return `${text}${isTight ? '\n' : '\n\n'}${block.text}`;
  }, '');
}

export function documentInvalid(message: string, cause?: unknown): SottoError {
  return new SottoError('document-invalid', message, { cause });
}
