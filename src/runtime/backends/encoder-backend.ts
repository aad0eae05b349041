export interface EncodeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many texts are done, and the vectors of those that were done since it was told before. */
  readonly onProgress?: ((done: number, total: number, vectors: Float32Array) => void) | undefined;
  /**
   * For each text the runs of its tokens [start, end) whose mean is wanted, instead of one vector for the whole text. Such vectors are as wide as the
   * hidden layer: no projection behind the pooling is applied. An empty run gives zeros.
   */
  readonly spans?: readonly (readonly (readonly [start: number, end: number])[])[] | undefined;
}

/** Most tokens of one text where nobody says otherwise: working space grows with it, and passages to be found are shorter. */
export const LONGEST_TEXT = 2_048;

/** The port every encoder engine implements: texts as token ids in, one vector a text out. */
export interface EncoderBackend {
  readonly kind: 'cpu' | 'webgpu';
  /** What runs, for people. */
  readonly description: string;
  readonly threads: number;
  /** Most tokens of one text. */
  readonly contextLength: number;
  /** Values of a vector. */
  readonly dimensions: number;
  /** Bytes held for weights and working space. */
  readonly memoryBytes: number;
  /**
   * The vectors [texts × dimensions], or [spans × hidden size], pooled but not of unit length. Texts are read several at a time, without padding, and the event loop runs
   * between. One call at a time. Rejects with `empty-prompt` or `prompt-too-long` (a text), `numeric-fault`,
   * `worker-lost`, `device-lost`, `disposed` or an AbortError.
   */
  encode(texts: readonly ArrayLike<number>[], options?: EncodeOptions): Promise<Float32Array>;
  /** Tells the compute threads to sleep until the next call. */
  park(): void;
  /** Gives threads and memory back. */
  dispose(): void;
}
