/** Random access to bytes that may live in memory, in a file, in the store or behind HTTP. */
export interface ByteSource {
  /** Total length in bytes. */
  readonly size: number;
  /** Where it is known without reading: a name for the content. Sources of one name have the same bytes. */
  readonly contentName?: string;
  /** Reads exactly `length` bytes at `offset`; rejects with a coded error when they are not there. */
  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** Reads into memory of the caller, where a source can do that without a copy in between. */
  readInto?(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Gives back what is kept for reads to come; they work all the same. */
  release?(): void;
}

/** A `ByteSource` over bytes already in memory (tests, small files). */
export class MemoryByteSource implements ByteSource {
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  get size(): number {
    return this.#bytes.byteLength;
  }
  read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      return Promise.reject(new RangeError(`read ${offset}+${length} of ${this.size} bytes`));
    }
    return Promise.resolve(this.#bytes.subarray(offset, offset + length));
  }
}

/** A `ByteSource` over a `Blob` or `File`: nothing is copied before it is read. */
export class BlobByteSource implements ByteSource {
  readonly #blob: Blob;
  constructor(blob: Blob) {
    this.#blob = blob;
  }
  get size(): number {
    return this.#blob.size;
  }
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new RangeError(`read ${offset}+${length} of ${this.size} bytes`);
    }
    return new Uint8Array(await this.#blob.slice(offset, offset + length).arrayBuffer());
  }
}

/** Lower-case hexadecimal of a byte array. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
