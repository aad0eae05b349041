import { ggmlTypeByName } from '../../formats/gguf/index.ts';
import type { GgmlTypeName } from '../../formats/gguf/types.ts';

/** Metadata as it is written: whole numbers as uint32, others are marked. */
export type HeaderValue = string | number | { readonly float: number } | readonly string[] | Int32Array;

export interface HeaderTensor {
  readonly name: string;
  readonly type: GgmlTypeName;
  /** Values of a row, and rows; 0 rows for a vector. */
  readonly columns: number;
  readonly rows: number;
}

/** Tensors begin at multiples of this (the format's default). */
export const ALIGNMENT = 32;

/** Ids of the format's metadata types (source: gguf.md of ggml). */
const TYPE = { uint32: 4, int32: 5, float32: 6, string: 8, array: 9 } as const;

/** Bytes of a tensor in the file, the padding behind it left out. */
export function tensorBytes({ type, columns, rows }: HeaderTensor): number {
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  return ((columns * Math.max(1, rows)) / blockLength) * blockBytes;
}

/** The header of a GGUF file (version 3), padded so that the first tensor may follow. */
export function ggufHeader(
  metadata: readonly (readonly [key: string, value: HeaderValue])[],
  tensors: readonly HeaderTensor[],
): Uint8Array<ArrayBuffer> {
  const writer = new HeaderWriter();
  writer.bytes(new TextEncoder().encode('GGUF'));
  writer.uint32(3);
  writer.uint64(tensors.length);
  writer.uint64(metadata.length);
  for (const [key, value] of metadata) {
    writer.text(key);
    writer.value(value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    const sizes = tensor.rows === 0 ? [tensor.columns] : [tensor.columns, tensor.rows];
    writer.text(tensor.name);
    writer.uint32(sizes.length);
    for (const size of sizes) writer.uint64(size);
    writer.uint32(ggmlTypeByName(tensor.type).id);
    writer.uint64(offset);
    offset += Math.ceil(tensorBytes(tensor) / ALIGNMENT) * ALIGNMENT;
  }
  return writer.finish();
}

class HeaderWriter {
  #bytes = new Uint8Array(2 ** 16);
  #length = 0;

  bytes(bytes: Uint8Array): void {
    this.#view(bytes.length);
    this.#bytes.set(bytes, this.#length - bytes.length);
  }

  uint32(value: number): void {
    this.#view(4).setUint32(0, value, true);
  }

  uint64(value: number): void {
    this.#view(8).setBigUint64(0, BigInt(value), true);
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.uint64(bytes.length);
    this.bytes(bytes);
  }

  value(value: HeaderValue): void {
    if (typeof value === 'string') {
      this.uint32(TYPE.string);
      this.text(value);
    } else if (typeof value === 'number') {
      this.uint32(TYPE.uint32);
      this.uint32(value);
    } else if ('float' in value) {
      this.uint32(TYPE.float32);
      this.#view(4).setFloat32(0, value.float, true);
    } else {
      this.uint32(TYPE.array);
      this.uint32(value instanceof Int32Array ? TYPE.int32 : TYPE.string);
      this.uint64(value.length);
      if (value instanceof Int32Array) this.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      else for (const item of value) this.text(item);
    }
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.bytes(new Uint8Array(-this.#length & (ALIGNMENT - 1)));
    return this.#bytes.slice(0, this.#length);
  }

  /** Room for `bytes` more, as a view of them. */
  #view(bytes: number): DataView {
    if (this.#length + bytes > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#length + bytes));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    const view = new DataView(this.#bytes.buffer, this.#length, bytes);
    this.#length += bytes;
    return view;
  }
}
