import { type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import { SAFETENSORS_LIMITS } from './limits.ts';
import { SAFETENSORS_TYPES, type SafetensorsFile, type SafetensorsTensor, type SafetensorsType } from './types.ts';

const LENGTH_BYTES = 8;
const METADATA_KEY = '__metadata__';

/**
 * Reads the header of a safetensors file, never its values. Format: eight bytes of header length, little-endian; a JSON
 * object name → `{dtype, shape, data_offsets}`; then the values, one tensor behind the other without gaps.
 *
 * Rejects with `safetensors-truncated`, `safetensors-invalid` (it is something else, or contradicts itself: overlaps,
 * reversed offsets, lengths that its shape does not have), `safetensors-limit`, or an AbortError.
 */
export async function readSafetensors(source: ByteSource, signal?: AbortSignal): Promise<SafetensorsFile> {
  if (source.size < LENGTH_BYTES) throw truncated(`The file has only ${source.size} bytes.`);
  const start = await source.read(0, LENGTH_BYTES, signal);
  throwIfAborted(signal);
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > SAFETENSORS_LIMITS.headerBytes) {
    const message = `The header says it has ${length} bytes; the limit is ${SAFETENSORS_LIMITS.headerBytes}.`;
    throw new SottoError('safetensors-limit', message, { details: { limit: SAFETENSORS_LIMITS.headerBytes } });
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > source.size) throw truncated(`Its header ends at ${dataStart}; the file has ${source.size} bytes.`);
  const header = parseHeader(await source.read(LENGTH_BYTES, Number(length), signal));
  throwIfAborted(signal);
  const tensors = new Map<string, SafetensorsTensor>();
  const entries = Object.entries(header).filter(([name]) => name !== METADATA_KEY);
  if (entries.length > SAFETENSORS_LIMITS.tensorCount) {
    throw new SottoError('safetensors-limit', `The file says it has ${entries.length} tensors.`, {
      details: { limit: SAFETENSORS_LIMITS.tensorCount },
    });
  }
  for (const [name, entry] of entries) tensors.set(name, placeTensor(name, entry, dataStart, source.size));
  refuseOverlaps([...tensors.values()]);
  return { metadata: readMetadata(header[METADATA_KEY]), tensors };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SottoError('safetensors-invalid', 'This is not a safetensors file: its header is not JSON.', { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw invalid('Its header is not a JSON object.');
  }
  return header as Record<string, unknown>;
}

function placeTensor(name: string, entry: unknown, dataStart: number, fileBytes: number): SafetensorsTensor {
  const what = `Tensor "${name.slice(0, 80)}"`;
  if (name.length > SAFETENSORS_LIMITS.nameLength) throw invalid(`${what} has a name of ${name.length} letters.`);
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(SAFETENSORS_TYPES, dtype)) {
    throw invalid(`${what} has the type ${JSON.stringify(dtype ?? null)}, which the format does not know.`);
  }
  if (!isCounts(shape) || shape.length > SAFETENSORS_LIMITS.dimensions) throw invalid(`${what} has no valid shape.`);
  if (!isCounts(offsets) || offsets.length !== 2) throw invalid(`${what} has no valid place.`);
  const [begin = 0, end = 0] = offsets;
  if (end < begin) throw invalid(`${what} ends before it begins.`);
  const type = dtype as SafetensorsType;
  const byteLength = shape.reduce((product, size) => product * size, SAFETENSORS_TYPES[type]);
  if (byteLength !== end - begin) {
    throw invalid(`${what} of shape [${shape.join(', ')}] in ${dtype} needs ${byteLength} bytes, not ${end - begin}.`);
  }
  if (dataStart + end > fileBytes) {
    throw truncated(`${what} ends at ${dataStart + end}; the file has ${fileBytes} bytes.`);
  }
  return { name, type, shape, offset: dataStart + begin, byteLength };
}

function refuseOverlaps(tensors: SafetensorsTensor[]): void {
  tensors.sort((a, b) => a.offset - b.offset || a.byteLength - b.byteLength);
  for (const [index, { name, offset, byteLength }] of tensors.entries()) {
    const next = tensors[index + 1];
    if (next !== undefined && offset + byteLength > next.offset) {
      throw invalid(`Tensors "${name}" and "${next.name}" overlap.`);
    }
  }
}

function readMetadata(value: unknown): Map<string, string> {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function invalid(message: string): SottoError {
  return new SottoError('safetensors-invalid', message);
}

function truncated(message: string): SottoError {
  return new SottoError('safetensors-truncated', message);
}
