import { type ByteSource, SottoError } from '../shared/index.ts';
import { bodyParts } from './body-parts.ts';
import type { ServerFile } from './server-file.ts';
import { StallGuard } from './stall-guard.ts';

/** Asked for at once: most headers end within it. */
const FIRST_BYTES = 2 ** 20;
/** No header is longer. */
const MOST_BYTES = 256 * 2 ** 20;

/** The beginning of a file on a server, read only as far as somebody looks: enough for its header. */
export class RemoteSource implements ByteSource {
  readonly #file: ServerFile;
  readonly #signal: AbortSignal;
  #known = new Uint8Array(0);

  constructor(file: ServerFile, signal: AbortSignal) {
    this.#file = file;
    this.#signal = signal;
  }

  get size(): number {
    return this.#file.fileBytes;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new RangeError(`read ${offset}+${length} of ${this.size} bytes`);
    }
    if (offset + length > MOST_BYTES) throw new SottoError('gguf-limit', 'The header of the file is too long.');
    while (this.#known.byteLength < offset + length) await this.#readOn(offset + length);
    return this.#known.subarray(offset, offset + length);
  }

  /** Asks for twice as much as is known. A server without ranges sends from the start: what is known is passed over. */
  async #readOn(least: number): Promise<void> {
    const start = this.#known.byteLength;
    const end = Math.min(this.size, Math.max(least, FIRST_BYTES, start * 2));
    const guard = new StallGuard(this.#file.tools.clock, this.#file.tools.stall);
    const request = new AbortController();
    try {
      const signal = AbortSignal.any([this.#signal, request.signal]);
      const opened = await this.#file.open({ start, end }, guard, signal);
      if (opened === undefined) throw new SottoError('download-failed', 'The server compresses parts of the file.');
      const grown = new Uint8Array(end);
      grown.set(this.#known);
      let position = opened.start;
      for await (const arrived of bodyParts(opened.response, guard, signal)) {
        const skip = Math.min(arrived.byteLength, Math.max(0, start - position));
        const part = arrived.subarray(skip, Math.max(skip, Math.min(arrived.byteLength, end - position)));
        grown.set(part, position + skip);
        position += arrived.byteLength;
        if (position >= end) break;
      }
      if (position <= start) throw new SottoError('download-failed', 'The server sent no bytes of the file.');
      this.#known = grown.subarray(0, Math.min(position, end));
    } finally {
      request.abort();
    }
  }
}
