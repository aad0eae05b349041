import { SottoError } from '../../shared/index.ts';
import { ONNX_LIMITS } from './limits.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** How a protocol-buffers field is written: number, 8 bytes, length-delimited, 4 bytes. */
type WireType = 0 | 1 | 2 | 5;

export interface WireField {
  readonly number: number;
  readonly type: WireType;
}

/** Walks one protocol-buffers message. Nothing is trusted: every length is held against the bytes that are there. */
export class WireCursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The next field's head, or undefined at the end. Its value must be taken or skipped before the next call. */
  next(): WireField | undefined {
    if (this.#at === this.#bytes.length) return undefined;
    const head = this.integer();
    const type = head % 8;
    const number = Math.floor(head / 8);
    if (number === 0 || !(type === 0 || type === 1 || type === 2 || type === 5)) {
      throw new SottoError('onnx-invalid', `Not an ONNX model: no field begins at byte ${this.#at}.`);
    }
    return { number, type };
  }

  /** A varint as a number. ONNX writes sizes and codes with it; above 2^53 none is meant seriously. */
  integer(): number {
    let value = 0;
    for (let shift = 0; shift < 10; shift++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw truncated();
      value += (byte & 127) * 2 ** (7 * shift);
      if (byte < 128) {
        if (Number.isSafeInteger(value)) return value;
        // Negative numbers fill all 64 bits; dimensions and axes may be -1.
        if (shift === 9) return value - 2 ** 64;
        throw new SottoError('onnx-limit', `A number in the model is too large (${value}).`);
      }
    }
    throw new SottoError('onnx-invalid', 'A number in the model does not end.');
  }

  /** A view of a length-delimited value; no copy. */
  bytes(): Uint8Array {
    const length = this.integer();
    const start = this.#at;
    if (length < 0 || length > this.#bytes.length - start) throw truncated();
    this.#at += length;
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    const bytes = this.bytes();
    if (bytes.length > ONNX_LIMITS.nameLength) {
      throw new SottoError('onnx-limit', `A name in the model has ${bytes.length} bytes.`);
    }
    try {
      return utf8.decode(bytes);
    } catch (cause) {
      throw new SottoError('onnx-invalid', 'A name in the model is not UTF-8.', { cause });
    }
  }

  /** One number, or a packed list of them. */
  integers(type: WireType): number[] {
    if (type !== 2) return [this.integer()];
    const cursor = new WireCursor(this.bytes());
    const values: number[] = [];
    while (cursor.#at < cursor.#bytes.length) values.push(cursor.integer());
    return values;
  }

  skip({ type }: WireField): void {
    if (type === 0) this.integer();
    else if (type === 2) this.bytes();
    else {
      this.#at += type === 1 ? 8 : 4;
      if (this.#at > this.#bytes.length) throw truncated();
    }
  }
}

function truncated(): SottoError {
  return new SottoError('onnx-truncated', 'The ONNX file ends in the middle of a field.');
}
