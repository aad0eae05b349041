/** Where sentence vectors come from. Experts are tied to the model behind it by its hash. */
export interface Embedder {
  readonly modelId: string;
  readonly hash: string;
  readonly dimensions: number;
  /** One unit vector a text. */
  embed(texts: readonly string[], signal: AbortSignal, onProgress?: (done: number) => void): Promise<Float32Array[]>;
  /** One unit vector a word, as the model sees it in its text. */
  embedWords(
    texts: readonly (readonly string[])[],
    signal: AbortSignal,
    onProgress?: (done: number) => void,
  ): Promise<Float32Array[][]>;
}
