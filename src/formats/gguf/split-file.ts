import { type ByteSource, SottoError } from '../../shared/index.ts';
import type { GgufFile, GgufTensor, GgufValue } from './types.ts';

/** More parts than anyone cuts a small model into; each costs a header. */
const MOST_PARTS = 64;
const MAGIC = 'GGUF';

/** A source from `start` on, as if the file began there. */
class Tail implements ByteSource {
  readonly #source: ByteSource;
  readonly #start: number;

  constructor(source: ByteSource, start: number) {
    this.#source = source;
    this.#start = start;
  }

  get size(): number {
    return this.#source.size - this.#start;
  }

  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#source.read(this.#start + offset, length, signal);
  }
}

/**
 * The other parts of a split file ("…-00001-of-0000N.gguf", as gguf-split of llama.cpp cuts them), which stand one behind
 * the other in the same source: one tensor table over all of them. A file that is not split comes back as it is.
 *
 * Rejects with `gguf-truncated` where parts are missing, with `gguf-invalid` where they are out of order or not of one
 * file, with `gguf-limit`, or as `readPart` does.
 */
export async function readOtherParts(
  first: GgufFile,
  source: ByteSource,
  readPart: (source: ByteSource) => Promise<GgufFile>,
): Promise<GgufFile> {
  const count = countOf(first);
  if (count === 1) return first;
  if (count > MOST_PARTS) {
    throw new SottoError('gguf-limit', `The file is split into ${count} parts; the limit is ${MOST_PARTS}.`);
  }
  checkNumber(first, 0, count);
  const tensors = new Map(first.tensors);
  let part = first;
  let start = 0;
  for (let index = 1; index < count; index++) {
    start += await endOf(part, new Tail(source, start), index, count);
    part = await readPart(new Tail(source, start));
    checkNumber(part, index, count);
    for (const [name, tensor] of part.tensors) {
      if (tensors.has(name)) throw new SottoError('gguf-invalid', `Two parts hold the tensor ${name}.`);
      tensors.set(name, { ...tensor, offset: start + tensor.offset } satisfies GgufTensor);
    }
  }
  const promised = first.metadata.get('split.tensors.count');
  if (typeof promised === 'number' && promised !== tensors.size) {
    const message = `The parts hold ${tensors.size} tensors; the first part promises ${promised}.`;
    throw new SottoError('gguf-invalid', message);
  }
  return { ...first, tensors };
}

function countOf({ metadata }: GgufFile): number {
  const count: GgufValue | undefined = metadata.get('split.count');
  return typeof count === 'number' && count > 1 ? count : 1;
}

function checkNumber({ metadata }: GgufFile, index: number, count: number): void {
  const [number, of] = [metadata.get('split.no'), metadata.get('split.count')];
  if (number === index && of === count) return;
  const found = typeof number === 'number' ? `part ${number + 1} of ${String(of)}` : 'a file that is not a part';
  throw new SottoError('gguf-invalid', `Part ${index + 1} of ${count} is needed here; this is ${found}.`);
}

/** Where the part ends that `source` begins with: behind its last tensor, or its header, whether or not that is padded. */
async function endOf(part: GgufFile, source: ByteSource, index: number, count: number): Promise<number> {
  const { alignment, dataOffset } = part;
  const end = [...part.tensors.values()].reduce((most, t) => Math.max(most, t.offset + t.byteLength), 0);
  // Without tensors the header's own end is known up to its padding only.
  const first = end > 0 ? end : dataOffset - alignment + 1;
  const last = end > 0 ? Math.ceil(end / alignment) * alignment : dataOffset;
  const length = Math.max(0, Math.min(last + MAGIC.length, source.size) - first);
  const found = String.fromCharCode(...(await source.read(first, length))).lastIndexOf(MAGIC);
  if (found >= 0) return first + found;
  const message = `This is part ${index} of ${count} of a split model, and part ${index + 1} is missing: open all parts together.`;
  throw new SottoError('gguf-truncated', message, { details: { part: index + 1, parts: count } });
}
