import type { EncodeOptions, EncoderBackend } from './encoder-backend.ts';

/** An encoder that works through another one, which can be replaced by a third. */
export abstract class EncoderOnEngine implements EncoderBackend {
  protected engine: EncoderBackend;
  protected isDisposed = false;

  constructor(engine: EncoderBackend) {
    this.engine = engine;
  }

  get kind(): EncoderBackend['kind'] {
    return this.engine.kind;
  }

  get description(): string {
    return this.engine.description;
  }

  get threads(): number {
    return this.engine.threads;
  }

  get contextLength(): number {
    return this.engine.contextLength;
  }

  get dimensions(): number {
    return this.engine.dimensions;
  }

  get memoryBytes(): number {
    return this.engine.memoryBytes;
  }

  abstract encode(texts: readonly ArrayLike<number>[], options?: EncodeOptions): Promise<Float32Array>;

  park(): void {
    this.engine.park();
  }

  dispose(): void {
    this.isDisposed = true;
    this.engine.dispose();
  }
}
