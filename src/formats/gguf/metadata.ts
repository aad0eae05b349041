import { SottoError } from '../../shared/index.ts';
import type { HeaderCursor } from './header-cursor.ts';
import { GGUF_LIMITS } from './limits.ts';
import type { GgufValue } from './types.ts';

/** Ids of value types in a file. Source: enum gguf_type of llama.cpp's gguf.h. */
const VALUE_TYPE = {
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
} as const;

/** Fewest bytes one value takes, by type id: lets a count be refused before anything is allocated for it. */
const LEAST_BYTES: readonly (number | undefined)[] = [1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8];

/** Reads a length and a string, refusing a length over `limit` before reading it. */
export async function readText(cursor: HeaderCursor, limit: number, what: string): Promise<string> {
  if (!cursor.has(8)) await cursor.fill(8, what);
  const length = readTextLength(cursor, limit, what);
  if (!cursor.has(length)) await cursor.fill(length, what);
  return cursor.text(length);
}

function readTextLength(cursor: HeaderCursor, limit: number, what: string): number {
  const length = cursor.uint64();
  if (length > limit) {
    throw new SottoError('gguf-limit', `The length of ${what} is given as ${length} bytes; the limit is ${limit}.`, {
      details: { position: cursor.position - 8, limit },
    });
  }
  return Number(length);
}

/** Reads the key-value pairs that follow the fixed header. */
export async function readMetadata(cursor: HeaderCursor, count: number): Promise<Map<string, GgufValue>> {
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < count; index++) {
    const key = await readText(cursor, GGUF_LIMITS.keyBytes, `the key of metadata entry ${index}`);
    if (key === '') throw invalid(cursor, `Metadata entry ${index} has an empty key.`);
    // A second value for a key would let one reader see one thing and the next reader another.
    if (metadata.has(key)) throw invalid(cursor, `The metadata key "${brief(key)}" appears twice.`);
    const what = `the value of "${brief(key)}"`;
    await cursor.fill(4, what);
    metadata.set(key, await readValue(cursor, cursor.uint32(), what));
  }
  return metadata;
}

async function readValue(cursor: HeaderCursor, type: number, what: string): Promise<GgufValue> {
  if (type === VALUE_TYPE.string) return readText(cursor, GGUF_LIMITS.stringBytes, what);
  if (type === VALUE_TYPE.array) return readArray(cursor, what);
  await cursor.fill(leastBytes(cursor, type, what), what);
  switch (type) {
    case VALUE_TYPE.uint8:
      return cursor.uint8();
    case VALUE_TYPE.int8:
      return cursor.int8();
    case VALUE_TYPE.uint16:
      return cursor.uint16();
    case VALUE_TYPE.int16:
      return cursor.int16();
    case VALUE_TYPE.uint32:
      return cursor.uint32();
    case VALUE_TYPE.int32:
      return cursor.int32();
    case VALUE_TYPE.float32:
      return cursor.float32();
    case VALUE_TYPE.bool:
      return readBool(cursor, what);
    case VALUE_TYPE.uint64:
      return cursor.uint64();
    case VALUE_TYPE.int64:
      return cursor.int64();
    default:
      return cursor.float64();
  }
}

async function readArray(cursor: HeaderCursor, what: string): Promise<GgufValue> {
  await cursor.fill(12, what);
  const type = cursor.uint32();
  const length = cursor.uint64();
  const elementBytes = leastBytes(cursor, type, what);
  if (type === VALUE_TYPE.array) {
    throw new SottoError('gguf-limit', `Arrays nest deeper than ${GGUF_LIMITS.arrayNesting} in ${what}.`, {
      details: { position: cursor.position, limit: GGUF_LIMITS.arrayNesting },
    });
  }
  if (length > GGUF_LIMITS.arrayLength) {
    throw new SottoError(
      'gguf-limit',
      `There are ${length} elements in ${what}; the limit is ${GGUF_LIMITS.arrayLength}.`,
      {
        details: { position: cursor.position - 8, limit: GGUF_LIMITS.arrayLength },
      },
    );
  }
  const count = Number(length);
  if (type === VALUE_TYPE.string) return readTextArray(cursor, count, what);
  await cursor.fill(count * elementBytes, what);
  switch (type) {
    case VALUE_TYPE.uint8:
      return cursor.copy(count);
    case VALUE_TYPE.int8:
      return new Int8Array(cursor.copy(count).buffer);
    case VALUE_TYPE.uint16:
      return new Uint16Array(cursor.copy(count * 2).buffer);
    case VALUE_TYPE.int16:
      return new Int16Array(cursor.copy(count * 2).buffer);
    case VALUE_TYPE.uint32:
      return new Uint32Array(cursor.copy(count * 4).buffer);
    case VALUE_TYPE.int32:
      return new Int32Array(cursor.copy(count * 4).buffer);
    case VALUE_TYPE.float32:
      return new Float32Array(cursor.copy(count * 4).buffer);
    case VALUE_TYPE.float64:
      return new Float64Array(cursor.copy(count * 8).buffer);
    case VALUE_TYPE.bool:
      return Array.from({ length: count }, () => readBool(cursor, what));
    default:
      return readIntegers64(cursor, count, type === VALUE_TYPE.uint64);
  }
}

async function readTextArray(cursor: HeaderCursor, count: number, what: string): Promise<string[]> {
  if (count * 8 > cursor.remaining) {
    throw new SottoError('gguf-truncated', `The file ends inside ${what}.`, {
      details: { position: cursor.position, neededBytes: count * 8 },
    });
  }
  const texts: string[] = [];
  for (let index = 0; index < count; index++) {
    if (!cursor.has(8)) await cursor.fill(8, what);
    const length = readTextLength(cursor, GGUF_LIMITS.stringBytes, what);
    if (!cursor.has(length)) await cursor.fill(length, what);
    texts.push(cursor.text(length));
  }
  return texts;
}

/** One type for the whole array: numbers if every element is exact, else bigints. */
function readIntegers64(cursor: HeaderCursor, count: number, unsigned: boolean): number[] | bigint[] {
  const values = Array.from({ length: count }, () => (unsigned ? cursor.uint64() : cursor.int64()));
  return values.every((value) => typeof value === 'number') ? values : values.map(BigInt);
}

function readBool(cursor: HeaderCursor, what: string): boolean {
  const byte = cursor.uint8();
  if (byte > 1) throw invalid(cursor, `There is ${byte} where true or false is due in ${what}.`);
  return byte === 1;
}

function leastBytes(cursor: HeaderCursor, type: number, what: string): number {
  const bytes = LEAST_BYTES[type];
  if (bytes === undefined) throw invalid(cursor, `There is the unknown value type ${type} in ${what}.`);
  return bytes;
}

function invalid(cursor: HeaderCursor, message: string): SottoError {
  return new SottoError('gguf-invalid', message, { details: { position: cursor.position } });
}

/** A name short enough for a message: names come from the file and may be long. */
export function brief(name: string): string {
  return name.length <= 80 ? name : `${name.slice(0, 77)}…`;
}
