import { abortError, SottoError } from '../../../shared/index.ts';
import type { EncodeOptions, EncoderBackend } from '../encoder-backend.ts';

/** An encoder whose vector of a text is [its tokens, their sum, factor]; its device is lost after `life` texts. */
export class CountingEncoder implements EncoderBackend {
  readonly kind: EncoderBackend['kind'];
  readonly description: string;
  readonly threads = 1;
  readonly contextLength = 100;
  readonly dimensions = 3;
  readonly memoryBytes = 1;
  readonly encoded: (readonly number[])[] = [];
  isDisposed = false;
  readonly #life: number;
  readonly #sign: number;
  readonly #onText: () => void;

  constructor(kind: EncoderBackend['kind'], { life = Number.POSITIVE_INFINITY, sign = 1, onText = () => {} } = {}) {
    this.kind = kind;
    this.description = kind;
    this.#life = life;
    this.#sign = sign;
    this.#onText = onText;
  }

  /** One text a turn, as the engines do with whole jobs. */
  async encode(
    texts: readonly ArrayLike<number>[],
    { signal, onProgress, spans }: EncodeOptions = {},
  ): Promise<Float32Array> {
    const vectors: number[] = [];
    for (const [index, text] of texts.entries()) {
      await Promise.resolve();
      if (signal?.aborted === true) throw abortError();
      if (this.isDisposed) throw new SottoError('disposed', 'disposed');
      if (this.encoded.length >= this.#life) throw new SottoError('device-lost', 'lost');
      const ids = Array.from(text);
      this.encoded.push(ids);
      this.#onText();
      const own = (spans?.[index] ?? [[0, ids.length] as const]).flatMap(([start, end]) => [
        end - start,
        this.#sign * ids.slice(start, end).reduce((sum, id) => sum + id, 0),
        7,
      ]);
      vectors.push(...own);
      onProgress?.(index + 1, texts.length, Float32Array.from(own));
    }
    return Float32Array.from(vectors);
  }

  park(): void {}

  dispose(): void {
    this.isDisposed = true;
  }
}
