import { type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import { decodeText } from './decode-text.ts';
import { GGUF_LIMITS, HEADER_STEP_BYTES } from './limits.ts';

/**
 * Reads forward through a header, little-endian, with one window of bytes in memory.
 * `fill` is the only asynchronous step: callers fill, then read synchronously what they filled, because a quarter of a million
 * awaits for a vocabulary would cost more than the parsing.
 */
export class HeaderCursor {
  readonly #source: ByteSource;
  readonly #signal: AbortSignal | undefined;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #windowStart = 0;
  #next = 0;

  constructor(source: ByteSource, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
  }

  /** Absolute position in the file. */
  get position(): number {
    return this.#windowStart + this.#next;
  }

  /** Bytes from here to the end of the file. */
  get remaining(): number {
    return this.#source.size - this.position;
  }

  /** True when `length` bytes can be read without `fill`. */
  has(length: number): boolean {
    return this.#bytes.byteLength - this.#next >= length;
  }

  /** Makes `length` bytes readable. Rejects with `gguf-truncated` before asking for what the file cannot hold. */
  async fill(length: number, what: string): Promise<void> {
    if (this.has(length)) return;
    if (length > this.remaining) {
      throw new SottoError('gguf-truncated', `The file ends inside ${what}.`, {
        details: { position: this.position, neededBytes: length, fileBytes: this.#source.size },
      });
    }
    if (this.position + length > GGUF_LIMITS.headerBytes) {
      throw new SottoError('gguf-limit', `The header is longer than ${GGUF_LIMITS.headerBytes} bytes.`, {
        details: { position: this.position, limit: GGUF_LIMITS.headerBytes },
      });
    }
    throwIfAborted(this.#signal);
    const rest = this.#bytes.subarray(this.#next);
    const from = this.position + rest.byteLength;
    const wanted = Math.min(Math.max(length - rest.byteLength, HEADER_STEP_BYTES), this.#source.size - from);
    const arrived = await this.#source.read(from, wanted, this.#signal);
    throwIfAborted(this.#signal);
    if (arrived.byteLength !== wanted) {
      throw new SottoError('gguf-truncated', `The file gave ${arrived.byteLength} of ${wanted} bytes inside ${what}.`, {
        details: { position: from, neededBytes: wanted },
      });
    }
    const window = new Uint8Array(rest.byteLength + wanted);
    window.set(rest);
    window.set(arrived, rest.byteLength);
    this.#windowStart = this.position;
    this.#next = 0;
    this.#bytes = window;
    this.#view = new DataView(window.buffer);
  }

  /** The next bytes, without moving; a view that the next `fill` leaves behind. */
  peek(length: number): Uint8Array {
    return this.#bytes.subarray(this.#next, this.#next + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }
  int8(): number {
    return this.#view.getInt8(this.#advance(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }
  int16(): number {
    return this.#view.getInt16(this.#advance(2), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }
  float32(): number {
    return this.#view.getFloat32(this.#advance(4), true);
  }
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }
  /** A number where it is exact, else a bigint. */
  uint64(): number | bigint {
    const at = this.#advance(8);
    const high = this.#view.getUint32(at + 4, true);
    if (high < 0x20_0000) return high * 2 ** 32 + this.#view.getUint32(at, true);
    return exactOrBig(this.#view.getBigUint64(at, true));
  }
  /** A number where it is exact, else a bigint. */
  int64(): number | bigint {
    return exactOrBig(this.#view.getBigInt64(this.#advance(8), true));
  }

  /** A copy of the next bytes, at the start of a buffer of its own: ready for any typed array. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#advance(length);
    return this.#bytes.slice(at, at + length);
  }

  /** UTF-8 text; bytes that are none become U+FFFD, as tokens of some vocabularies are single bytes. */
  text(length: number): string {
    const at = this.#advance(length);
    return decodeText(this.#bytes, at, at + length);
  }

  #advance(length: number): number {
    const at = this.#next;
    if (at + length > this.#bytes.byteLength) throw new SottoError('internal', 'A header read was not filled.');
    this.#next = at + length;
    return at;
  }
}

function exactOrBig(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
