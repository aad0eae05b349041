import { BlobByteSource, type ByteSource, SottoError } from '../../shared/index.ts';

/** A file the person opened. The browser reads it from disk each time, so it can be gone when it is needed. */
export class FileByteSource implements ByteSource {
  readonly #source: BlobByteSource;
  readonly #name: string;

  constructor(file: Blob, name: string) {
    this.#source = new BlobByteSource(file);
    this.#name = name;
  }

  get size(): number {
    return this.#source.size;
  }

  /** Rejects with `model-unknown` when the file was moved, changed or deleted. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    try {
      return await this.#source.read(offset, length);
    } catch (cause) {
      if (!(cause instanceof DOMException)) throw cause;
      const message = `"${this.#name}" can no longer be read: it was moved, changed or deleted since it was opened.`;
      throw new SottoError('model-unknown', message, { cause });
    }
  }
}
