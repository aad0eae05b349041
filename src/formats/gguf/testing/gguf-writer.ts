import { ggmlTypeByName } from '../ggml-types.ts';
import type { GgmlTypeName } from '../types.ts';

/** A metadata value with the type it is written as. Counts and lengths may be forged, to make files that lie. */
export type WrittenValue =
  | { readonly type: 'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32'; readonly value: number }
  | { readonly type: 'float32' | 'float64'; readonly value: number }
  | { readonly type: 'uint64' | 'int64'; readonly value: bigint }
  | { readonly type: 'bool'; readonly value: boolean | number }
  | { readonly type: 'string'; readonly value: string; readonly forgedLength?: bigint }
  | {
      readonly type: 'array';
      readonly of: WrittenValue['type'];
      readonly items: readonly WrittenValue[];
      readonly forgedLength?: bigint;
    }
  | { readonly type: 'raw'; readonly typeId: number; readonly bytes: Uint8Array };

/** A tensor to write: its data is zeros unless given. `offset` and `typeId` may be forged. */
export interface WrittenTensor {
  readonly name: string;
  readonly type: GgmlTypeName;
  readonly dimensions: readonly (number | bigint)[];
  readonly data?: Uint8Array;
  readonly offset?: bigint;
  readonly typeId?: number;
}

/** What a test wants in its file; everything a field of the header could say may be forged. */
export interface WrittenGguf {
  readonly version?: number;
  readonly alignment?: number;
  readonly metadata?: readonly (readonly [key: string, value: WrittenValue])[];
  readonly tensors?: readonly WrittenTensor[];
  readonly forgedTensorCount?: bigint;
  readonly forgedMetadataCount?: bigint;
}

const TYPE_IDS: Readonly<Record<Exclude<WrittenValue['type'], 'raw'>, number>> = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
};

class ByteWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }
  bytes(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.byteLength;
  }
  number(bytes: number, write: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    this.bytes(new Uint8Array(view.buffer));
  }
  uint32(value: number): void {
    this.number(4, (view) => view.setUint32(0, value, true));
  }
  uint64(value: bigint): void {
    this.number(8, (view) => view.setBigUint64(0, value, true));
  }
  text(value: string, forgedLength?: bigint): void {
    const bytes = new TextEncoder().encode(value);
    this.uint64(forgedLength ?? BigInt(bytes.byteLength));
    this.bytes(bytes);
  }
  value(written: WrittenValue): void {
    switch (written.type) {
      case 'uint8':
      case 'bool':
        this.number(1, (view) => view.setUint8(0, Number(written.value)));
        break;
      case 'int8':
        this.number(1, (view) => view.setInt8(0, written.value));
        break;
      case 'uint16':
        this.number(2, (view) => view.setUint16(0, written.value, true));
        break;
      case 'int16':
        this.number(2, (view) => view.setInt16(0, written.value, true));
        break;
      case 'uint32':
        this.uint32(written.value);
        break;
      case 'int32':
        this.number(4, (view) => view.setInt32(0, written.value, true));
        break;
      case 'float32':
        this.number(4, (view) => view.setFloat32(0, written.value, true));
        break;
      case 'float64':
        this.number(8, (view) => view.setFloat64(0, written.value, true));
        break;
      case 'uint64':
        this.uint64(written.value);
        break;
      case 'int64':
        this.number(8, (view) => view.setBigInt64(0, written.value, true));
        break;
      case 'string':
        this.text(written.value, written.forgedLength);
        break;
      case 'raw':
        this.bytes(written.bytes);
        break;
      case 'array':
        this.uint32(typeIdOf(written.of));
        this.uint64(written.forgedLength ?? BigInt(written.items.length));
        for (const item of written.items) this.value(item);
    }
  }
  finish(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.byteLength;
    }
    return whole;
  }
}

function typeIdOf(type: WrittenValue['type'], raw?: WrittenValue): number {
  if (type !== 'raw') return TYPE_IDS[type];
  return raw?.type === 'raw' ? raw.typeId : 0;
}

/** Writes a whole GGUF file, honest unless a forged field is given. For tests only. */
export function writeGguf(wanted: WrittenGguf): Uint8Array<ArrayBuffer> {
  const alignment = wanted.alignment ?? 32;
  const metadata = [...(wanted.metadata ?? [])];
  if (wanted.alignment !== undefined) metadata.push(['general.alignment', { type: 'uint32', value: wanted.alignment }]);
  const tensors = wanted.tensors ?? [];
  const writer = new ByteWriter();
  writer.bytes(new TextEncoder().encode('GGUF'));
  writer.uint32(wanted.version ?? 3);
  writer.uint64(wanted.forgedTensorCount ?? BigInt(tensors.length));
  writer.uint64(wanted.forgedMetadataCount ?? BigInt(metadata.length));
  for (const [key, value] of metadata) {
    writer.text(key);
    writer.uint32(typeIdOf(value.type, value));
    writer.value(value);
  }
  const data: Uint8Array[] = [];
  let next = 0;
  for (const tensor of tensors) {
    const bytes = tensor.data ?? new Uint8Array(byteLengthOf(tensor));
    writer.text(tensor.name);
    writer.uint32(tensor.dimensions.length);
    for (const dimension of tensor.dimensions) writer.uint64(BigInt(dimension));
    writer.uint32(tensor.typeId ?? ggmlTypeByName(tensor.type).id);
    writer.uint64(tensor.offset ?? BigInt(next));
    const padded = new Uint8Array(Math.ceil(bytes.byteLength / alignment) * alignment);
    padded.set(bytes);
    data.push(padded);
    next += padded.byteLength;
  }
  if (tensors.length > 0) writer.bytes(new Uint8Array((alignment - (writer.length % alignment)) % alignment));
  for (const bytes of data) writer.bytes(bytes);
  return writer.finish();
}

/** Bytes of the tensor's data; none where its dimensions are forged beyond sense. */
function byteLengthOf(tensor: WrittenTensor): number {
  const elements = tensor.dimensions.reduce<number>((product, dimension) => product * Number(dimension), 1);
  const layout = ggmlTypeByName(tensor.type);
  return elements < 2 ** 24 ? Math.ceil(elements / layout.blockLength) * layout.blockBytes : 0;
}
