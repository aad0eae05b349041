import { type ByteSource, SottoError } from '../../shared/index.ts';
import { HeaderCursor } from './header-cursor.ts';
import { DEFAULT_ALIGNMENT, GGUF_LIMITS } from './limits.ts';
import { readMetadata } from './metadata.ts';
import { checkSignature, SIGNATURE_BYTES } from './signature.ts';
import { readOtherParts } from './split-file.ts';
import { placeTensors, readTensorTable } from './tensor-table.ts';
import type { GgufFile, GgufValue } from './types.ts';

/** Magic, version, tensor count, metadata count. */
const FIXED_HEADER_BYTES = 24;

/**
 * Reads the header of a GGUF file (versions 2 and 3, little-endian): metadata and tensor table, never the weights.
 * The source is read from its start in steps of 1 MiB, only as far as the header goes. The parts of a split file may stand
 * in it one behind the other; they are read as one.
 *
 * Rejects with `gguf-truncated` (the file ends too early), `gguf-invalid` (it is something else, or contradicts itself),
 * `gguf-limit` (it asks for more than `GGUF_LIMITS`), `model-unsupported` (another version, byte order or block type),
 * an AbortError, or whatever the source itself rejects with.
 */
export async function readGguf(source: ByteSource, signal?: AbortSignal): Promise<GgufFile> {
  const readPart = (part: ByteSource) => readHeader(part, signal);
  return readOtherParts(await readPart(source), source, readPart);
}

async function readHeader(source: ByteSource, signal: AbortSignal | undefined): Promise<GgufFile> {
  const cursor = new HeaderCursor(source, signal);
  const start = Math.min(source.size, SIGNATURE_BYTES);
  await cursor.fill(start, 'its signature');
  checkSignature(cursor.peek(start));
  await cursor.fill(FIXED_HEADER_BYTES, 'its first 24 bytes');
  cursor.uint32();
  const version = checkVersion(cursor.uint32());
  const tensorCount = checkCount(cursor.uint64(), GGUF_LIMITS.tensorCount, 'tensors');
  const metadataCount = checkCount(cursor.uint64(), GGUF_LIMITS.metadataCount, 'metadata entries');
  const metadata = await readMetadata(cursor, metadataCount);
  const alignment = checkAlignment(metadata.get('general.alignment'));
  const table = await readTensorTable(cursor, tensorCount);
  const dataOffset = Math.ceil(cursor.position / alignment) * alignment;
  return {
    version,
    metadata,
    tensors: placeTensors(table, dataOffset, alignment, source.size),
    dataOffset,
    alignment,
  };
}

function checkVersion(version: number): 2 | 3 {
  if (version === 2 || version === 3) return version;
  if (version !== 0 && (version & 0xffff) === 0) {
    throw new SottoError('model-unsupported', 'This is a big-endian GGUF file; only little-endian ones can be read.');
  }
  throw new SottoError('model-unsupported', `This is GGUF version ${version}; versions 2 and 3 can be read.`, {
    details: { version },
  });
}

function checkCount(count: number | bigint, limit: number, what: string): number {
  if (count > limit) {
    throw new SottoError('gguf-limit', `The file says it has ${count} ${what}; the limit is ${limit}.`, {
      details: { limit },
    });
  }
  return Number(count);
}

function checkAlignment(value: GgufValue | undefined): number {
  if (value === undefined) return DEFAULT_ALIGNMENT;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || (value & (value - 1)) !== 0) {
    throw new SottoError('gguf-invalid', 'general.alignment is not a power of two.');
  }
  if (value > GGUF_LIMITS.alignment) {
    throw new SottoError('gguf-limit', `general.alignment is ${value}; the limit is ${GGUF_LIMITS.alignment}.`);
  }
  return value;
}
