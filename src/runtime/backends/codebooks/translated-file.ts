import { byteLengthOf, ggmlTypeByName } from '../../../formats/gguf/index.ts';
import type { GgmlTypeName, GgufFile, GgufTensor } from '../../../formats/gguf/types.ts';
import type { ByteSource } from '../../../shared/index.ts';
import type { RequantisedWeights } from '../decoder-backend.ts';
import { RequantisationLog } from '../requantisation-log.ts';
import { type CodebookType, GRID_READERS, type GridBlock } from './read-grid-block.ts';
import { type WriteBlocks, writeQ4_1, writeQ6_K, writeQ8_0 } from './write-blocks.ts';

/** What each type is held as: the smallest type that its values fit, exactly or up to the rounding of a scale. */
const HELD: Readonly<Record<CodebookType, { readonly as: GgmlTypeName; readonly write: WriteBlocks }>> = {
  IQ1_S: { as: 'Q4_1', write: writeQ4_1 },
  IQ1_M: { as: 'Q6_K', write: writeQ6_K(1) },
  IQ2_XXS: { as: 'Q8_0', write: writeQ8_0 },
  IQ2_XS: { as: 'Q8_0', write: writeQ8_0 },
  IQ2_S: { as: 'Q8_0', write: writeQ8_0 },
  IQ3_XXS: { as: 'Q6_K', write: writeQ6_K(2) },
  IQ3_S: { as: 'Q4_1', write: writeQ4_1 },
};

/** Whether this room translates a type. */
function isCodebookType(type: GgmlTypeName): type is CodebookType {
  return Object.hasOwn(HELD, type);
}

/** A file as engines see it. */
export interface HeldFile {
  readonly gguf: GgufFile;
  readonly source: ByteSource;
  /** What has been read of translated tensors so far, and what it cost. */
  requantised(): readonly RequantisedWeights[];
}

interface Translation {
  readonly original: GgufTensor & { readonly type: CodebookType };
  readonly held: GgufTensor;
}

/**
 * The same file with every tensor of a codebook type as one of a type that kernels know. Translated tensors stand behind
 * the end of the file, in its order; a read of them reads the file's own blocks and rewrites those. Nothing is kept.
 */
export function translateFile(gguf: GgufFile, source: ByteSource): HeldFile {
  const translations: Translation[] = [];
  let end = source.size;
  for (const tensor of [...gguf.tensors.values()].sort((a, b) => a.offset - b.offset)) {
    const { type } = tensor;
    if (!isCodebookType(type)) continue;
    const as = { ...tensor, type: HELD[type].as };
    const held = { ...as, offset: end, byteLength: byteLengthOf(as) };
    end += held.byteLength;
    translations.push({ original: { ...tensor, type }, held });
  }
  const tensors = new Map(gguf.tensors);
  for (const { held } of translations) tensors.set(held.name, held);
  const log = new RequantisationLog();
  return {
    gguf: { ...gguf, tensors },
    source: new TranslatingSource(source, translations, end, log),
    requantised: () => log.summary(),
  };
}

class TranslatingSource implements ByteSource {
  readonly size: number;
  readonly #file: ByteSource;
  readonly #translations: readonly Translation[];
  readonly #log: RequantisationLog;

  constructor(file: ByteSource, translations: readonly Translation[], size: number, log: RequantisationLog) {
    this.#file = file;
    this.#translations = translations;
    this.size = size;
    this.#log = log;
  }

  release(): void {
    this.#file.release?.();
  }

  async read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    const translation = this.#translations.find(({ held }) => isWithin(held, offset, length));
    if (translation === undefined) return this.#file.read(offset, length, signal);
    return this.#translate(translation, offset - translation.held.offset, length, signal);
  }

  async readInto(offset: number, target: Uint8Array, signal?: AbortSignal): Promise<void> {
    const isOwn = offset < this.#file.size;
    if (isOwn && this.#file.readInto !== undefined) await this.#file.readInto(offset, target, signal);
    else target.set(await this.read(offset, target.length, signal));
  }

  /** Bytes `from` to `from + length` of the translated tensor: whole super-blocks around them are read and rewritten. */
  async #translate({ original, held }: Translation, from: number, length: number, signal?: AbortSignal) {
    const { blockLength, blockBytes } = ggmlTypeByName(original.type);
    const layout = ggmlTypeByName(held.type);
    const heldBytes = (blockLength / layout.blockLength) * layout.blockBytes;
    const first = Math.floor(from / heldBytes);
    const count = Math.ceil((from + length) / heldBytes) - first;
    const read = await this.#file.read(original.offset + first * blockBytes, count * blockBytes, signal);
    const bytes = new Uint8Array(count * heldBytes);
    const block: GridBlock = { quants: new Int8Array(256), scales: new Uint8Array(16), unit: 0 };
    let errorSquares = 0;
    let squares = 0;
    for (let b = 0; b < count; b++) {
      GRID_READERS[original.type](read, b * blockBytes, block);
      const loss = HELD[original.type].write(block, bytes, b * heldBytes);
      errorSquares += loss.errorSquares;
      squares += loss.squares;
    }
    this.#log.add(original, held.type, { errorSquares, squares });
    return bytes.subarray(from - first * heldBytes, from - first * heldBytes + length);
  }
}

function isWithin(held: GgufTensor, offset: number, length: number): boolean {
  return offset >= held.offset && offset + length <= held.offset + held.byteLength;
}
