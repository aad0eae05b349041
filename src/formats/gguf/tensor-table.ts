import { SottoError } from '../../shared/index.ts';
import { describeTypeId, type GgmlTypeLayout, ggmlTypeById } from './ggml-types.ts';
import type { HeaderCursor } from './header-cursor.ts';
import { GGUF_LIMITS } from './limits.ts';
import { brief, readText } from './metadata.ts';
import type { GgufTensor } from './types.ts';

/** Reads the tensor table. Offsets are still relative to the data section: `placeTensors` makes them absolute. */
export async function readTensorTable(cursor: HeaderCursor, count: number): Promise<GgufTensor[]> {
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  for (let index = 0; index < count; index++) {
    const name = await readText(cursor, GGUF_LIMITS.tensorNameBytes, `the name of tensor ${index}`);
    const what = `Tensor "${brief(name)}"`;
    if (names.has(name)) throw new SottoError('gguf-invalid', `The tensor name "${brief(name)}" appears twice.`);
    names.add(name);
    await cursor.fill(4, `the row of tensor ${index}`);
    const rank = cursor.uint32();
    if (rank > GGUF_LIMITS.dimensions) {
      throw new SottoError('gguf-limit', `${what} has ${rank} dimensions; the limit is ${GGUF_LIMITS.dimensions}.`);
    }
    await cursor.fill(rank * 8 + 12, `the row of tensor ${index}`);
    const dimensions = Array.from({ length: rank }, () => readDimension(cursor, what));
    const typeId = cursor.uint32();
    const layout = ggmlTypeById(typeId);
    if (layout === undefined) {
      throw new SottoError(
        'model-unsupported',
        `${what} uses ${describeTypeId(typeId)}, which this engine cannot read.`,
        {
          details: { typeId },
        },
      );
    }
    const offset = cursor.uint64();
    if (typeof offset !== 'number') {
      throw new SottoError('gguf-truncated', `${what} starts far outside the file.`, {
        details: { fileOffset: String(offset) },
      });
    }
    tensors.push({ name, type: layout.name, dimensions, offset, byteLength: tensorBytes(dimensions, layout, what) });
  }
  return tensors;
}

function readDimension(cursor: HeaderCursor, what: string): number {
  const dimension = cursor.uint64();
  if (dimension === 0) throw new SottoError('gguf-invalid', `${what} has a dimension of zero.`);
  if (typeof dimension !== 'number') throw tooLarge(what);
  return dimension;
}

function tensorBytes(dimensions: readonly number[], layout: GgmlTypeLayout, what: string): number {
  let elements = 1;
  for (const dimension of dimensions) {
    // Divided, not multiplied: the product itself would already be rounded.
    if (dimension > GGUF_LIMITS.tensorElements / elements) throw tooLarge(what);
    elements *= dimension;
  }
  const row = dimensions[0] ?? 1;
  if (row % layout.blockLength !== 0) {
    throw new SottoError(
      'gguf-invalid',
      `${what} has rows of ${row} values; ${layout.name} needs a multiple of ${layout.blockLength}.`,
    );
  }
  const blocks = elements / layout.blockLength;
  if (blocks > GGUF_LIMITS.tensorElements / layout.blockBytes) throw tooLarge(what);
  return blocks * layout.blockBytes;
}

function tooLarge(what: string): SottoError {
  return new SottoError('gguf-limit', `${what} has more elements than a number can count.`);
}

/** Makes offsets absolute and refuses tensors that are misaligned, outside the file, or over one another. */
export function placeTensors(
  tensors: readonly GgufTensor[],
  dataOffset: number,
  alignment: number,
  fileBytes: number,
): Map<string, GgufTensor> {
  const placed = new Map<string, GgufTensor>();
  for (const tensor of tensors) {
    const what = `Tensor "${brief(tensor.name)}"`;
    if (tensor.offset % alignment !== 0) {
      throw new SottoError('gguf-invalid', `${what} starts at ${tensor.offset}, which is no multiple of ${alignment}.`);
    }
    const offset = dataOffset + tensor.offset;
    if (offset + tensor.byteLength > fileBytes) {
      throw new SottoError(
        'gguf-truncated',
        `${what} ends at ${offset + tensor.byteLength}; the file has ${fileBytes} bytes.`,
        {
          details: { neededBytes: offset + tensor.byteLength, fileBytes },
        },
      );
    }
    placed.set(tensor.name, { ...tensor, offset });
  }
  const inOrder = [...placed.values()].sort((a, b) => a.offset - b.offset);
  for (const [index, tensor] of inOrder.entries()) {
    const next = inOrder[index + 1];
    if (next !== undefined && tensor.offset + tensor.byteLength > next.offset) {
      throw new SottoError('gguf-invalid', `Tensors "${brief(tensor.name)}" and "${brief(next.name)}" overlap.`);
    }
  }
  return placed;
}
