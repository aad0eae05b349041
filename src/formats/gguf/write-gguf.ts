import { ggmlTypeByName } from './ggml-types.ts';
import { DEFAULT_ALIGNMENT } from './limits.ts';
import type { GgmlTypeName } from './types.ts';

/** A metadata value with the type it is written as. */
export type GgufField =
  | { readonly type: 'uint32' | 'float32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'array'; readonly of: 'string'; readonly value: readonly string[] }
  | { readonly type: 'array'; readonly of: 'uint8' | 'int32' | 'uint32' | 'float32'; readonly value: ArrayLike<number> }
  | { readonly type: 'array'; readonly of: 'bool'; readonly value: readonly boolean[] };

/** A tensor to come: its name, block type, and sizes with the fastest-varying first. */
export interface PlannedTensor {
  readonly name: string;
  readonly type: GgmlTypeName;
  readonly dimensions: readonly number[];
}

// Source: enum gguf_type of ggml's gguf.h.
const TYPE_IDS = { uint8: 0, uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

/** Bytes of a tensor's blocks. */
export function byteLengthOf({ type, dimensions }: PlannedTensor): number {
  const { blockLength, blockBytes } = ggmlTypeByName(type);
  return (dimensions.reduce((product, size) => product * size, 1) / blockLength) * blockBytes;
}

/** Zeros that follow `length` bytes so that the next tensor begins where it may. */
export function paddingAfter(length: number): number {
  return (DEFAULT_ALIGNMENT - (length % DEFAULT_ALIGNMENT)) % DEFAULT_ALIGNMENT;
}

/**
 * Everything of a GGUF file (version 3, little-endian, alignment 32) before its first tensor. The tensors' bytes follow in
 * the order given, each with `paddingAfter` zeros behind it.
 */
export function ggufHeader(
  metadata: ReadonlyMap<string, GgufField>,
  tensors: readonly PlannedTensor[],
): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.bytes(new TextEncoder().encode('GGUF'));
  writer.uint32(3);
  writer.uint64(tensors.length);
  writer.uint64(metadata.size);
  for (const [key, field] of metadata) {
    writer.text(key);
    writer.uint32(TYPE_IDS[field.type]);
    writer.field(field);
  }
  let offset = 0;
  for (const tensor of tensors) {
    writer.text(tensor.name);
    writer.uint32(tensor.dimensions.length);
    for (const size of tensor.dimensions) writer.uint64(size);
    writer.uint32(ggmlTypeByName(tensor.type).id);
    writer.uint64(offset);
    const length = byteLengthOf(tensor);
    offset += length + paddingAfter(length);
  }
  writer.bytes(new Uint8Array(paddingAfter(writer.length)));
  return writer.finish();
}

/** Bytes one behind the other, in a buffer that doubles when it is full. */
class Writer {
  #bytes = new Uint8Array(2 ** 16);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  uint32(value: number): void {
    this.#write(4, (view, at) => view.setUint32(at, value, true));
  }
  uint64(value: number): void {
    this.#write(8, (view, at) => view.setBigUint64(at, BigInt(value), true));
  }
  bytes(bytes: Uint8Array): void {
    const at = this.#advance(bytes.byteLength);
    this.#bytes.set(bytes, at);
  }
  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.uint64(bytes.byteLength);
    this.bytes(bytes);
  }
  field(field: GgufField): void {
    if (field.type === 'array') {
      this.uint32(TYPE_IDS[field.of]);
      this.uint64(field.value.length);
      for (let i = 0; i < field.value.length; i++) this.#single(field.of, field.value[i]!);
    } else {
      this.#single(field.type, field.value);
    }
  }
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }

  #single(type: Exclude<keyof typeof TYPE_IDS, 'array'>, value: string | number | boolean): void {
    if (type === 'string') this.text(String(value));
    else if (type === 'uint8') this.bytes(Uint8Array.of(Number(value)));
    else if (type === 'bool') this.bytes(Uint8Array.of(value ? 1 : 0));
    else if (type === 'float32') this.#write(4, (view, at) => view.setFloat32(at, Number(value), true));
    else if (type === 'int32') this.#write(4, (view, at) => view.setInt32(at, Number(value), true));
    else this.uint32(Number(value));
  }

  /** The view is asked for last: making room may have changed it. */
  #write(length: number, write: (view: DataView, at: number) => void): void {
    const at = this.#advance(length);
    write(this.#view, at);
  }

  #advance(length: number): number {
    const at = this.length;
    this.length += length;
    if (this.length > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.byteLength, this.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
