import type { GgufFile, GgufValue } from '../../../formats/gguf/index.ts';
import { SottoError } from '../../../shared/index.ts';

export type Metadata = GgufFile['metadata'];

const PREFIX = 'tokenizer.ggml.';

/** Reads the `tokenizer.ggml.*` fields of a file. A field of the wrong shape is `gguf-invalid`. */
export class TokenizerFields {
  readonly #metadata: Metadata;

  constructor(metadata: Metadata) {
    this.#metadata = metadata;
  }

  get(name: string): GgufValue | undefined {
    return this.#metadata.get(PREFIX + name);
  }

  /** Any other field of the file that is a text. */
  text(key: string): string {
    const value = this.#metadata.get(key);
    return typeof value === 'string' ? value : '';
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    return typeof value === 'boolean' ? value : undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.get(name);
    if (value === undefined) throw invalid(name, 'is missing');
    if (
      !Array.isArray(value) ||
      value.length === 0 ||
      !value.every((item): item is string => typeof item === 'string')
    ) {
      throw invalid(name, 'is not a list of strings');
    }
    return value;
  }

  /** At least `count` numbers, or undefined where the file has no such field. */
  numbers(name: string, count: number): ArrayLike<number> | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value.length < count || (count > 0 && typeof value[0] !== 'number')) {
      throw invalid(name, 'does not match the vocabulary');
    }
    return value as ArrayLike<number>;
  }

  /**
   * The id of a token with a role. An id outside the vocabulary means that there is none: converters write −1 as the
   * largest number, and such files are common.
   */
  tokenId(name: string, count: number): number | undefined {
    const value = this.get(`${name}_token_id`);
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count ? value : undefined;
  }
}

export function invalid(name: string, problem: string): SottoError {
  const key = PREFIX + name;
  return new SottoError('gguf-invalid', `The tokenizer of this file is damaged: ${key} ${problem}.`, {
    details: { key },
  });
}
