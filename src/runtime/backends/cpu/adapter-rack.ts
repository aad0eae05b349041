import type { GgufFile } from '../../../formats/gguf/types.ts';
import { type ByteSource, SottoError } from '../../../shared/index.ts';
import { type LoraPair, loraFromGguf, type WeightSpec } from '../../architectures/index.ts';
import type { AdapterChoice } from '../decoder-backend.ts';
import { readWeight } from '../read-weight.ts';
import { matrixRecords } from './matrix-records.ts';
import type { MemoryPlan } from './memory-plan.ts';
import { Allocator, roundUp } from './places.ts';
import * as fields from './plan-fields.ts';

const PAGE_BYTES = 65_536;
/** The record of the table that rows are read of; where head and embedding are tied, the head has one of its own. */
const EMBEDDING = fields.PLAN + fields.EMBEDDING;

interface LoadedPair {
  /** Address of the adapter's record, and of the record of the matrix that it belongs to. */
  readonly record: number;
  readonly matrix: number;
  readonly scale: number;
}

/** Adapters in WASM memory: loaded once, hung on the matrices they change, and taken off again, by pointers. */
export class AdapterRack {
  readonly #plan: MemoryPlan;
  readonly #memory: WebAssembly.Memory;
  readonly #records: ReadonlyMap<WeightSpec, number>;
  readonly #loaded = new Map<string, readonly LoadedPair[]>();

  constructor(plan: MemoryPlan, memory: WebAssembly.Memory) {
    this.#plan = plan;
    this.#memory = memory;
    this.#records = matrixRecords(plan);
  }

  get names(): readonly string[] {
    return [...this.#loaded.keys()];
  }

  /**
   * Throws `invalid-option` (a name that is taken), `wasm-out-of-memory`, what loraFromGguf throws, or what the source
   * rejects with; nothing is loaded then.
   */
  async load(name: string, gguf: GgufFile, source: ByteSource, signal?: AbortSignal): Promise<void> {
    if (this.#loaded.has(name)) throw new SottoError('invalid-option', `An adapter named "${name}" is loaded already.`);
    const pairs = loraFromGguf(gguf, this.#plan.spec);
    const read = (weight: WeightSpec) => readWeight(weight, gguf, source, signal);
    const values: (readonly [Float32Array, Float32Array])[] = [];
    for (const { a, b } of pairs) values.push([await read(a), await read(b)]);
    const layout = this.#layOut(pairs);
    this.#loaded.set(
      name,
      pairs.map((pair, index) => this.#write(pair, values[index]!, layout[index]!)),
    );
  }

  /** Hangs the chosen adapters on their matrices, and no others. Throws `invalid-option` for one that is not loaded. */
  use(chosen: readonly AdapterChoice[]): void {
    for (const { name, scale } of chosen) {
      if (!this.#loaded.has(name)) throw new SottoError('invalid-option', `No adapter named "${name}" is loaded.`);
      if (!Number.isFinite(scale)) throw new SottoError('invalid-option', `The scale of "${name}" is ${scale}.`);
    }
    const view = new DataView(this.#memory.buffer);
    for (const record of [EMBEDDING, ...this.#records.values()])
      view.setUint32(record + fields.MATRIX_ADAPTER, 0, true);
    for (const { name, scale } of chosen) {
      for (const pair of this.#loaded.get(name)!) {
        const head = pair.matrix + fields.MATRIX_ADAPTER;
        view.setUint32(pair.record + fields.ADAPTER_NEXT, view.getUint32(head, true), true);
        view.setFloat32(pair.record + fields.ADAPTER_SCALE, pair.scale * scale, true);
        view.setUint32(head, pair.record, true);
      }
    }
  }

  /** Grows the memory by what the pairs need, and says where everything of each goes. */
  #layOut(pairs: readonly LoraPair[]) {
    const end = this.#memory.buffer.byteLength;
    const memory = new Allocator(end);
    const lowRows = Math.max(roundUp(this.#plan.chunk, fields.TILE_TOKENS), this.#plan.threads);
    const layout = pairs.map(({ a, b, adds }) => {
      const rank = roundUp(b.columns, 32);
      return {
        record: memory.take(fields.ADAPTER_BYTES),
        a: memory.take(roundUp(a.rows, 8) * (adds === 'to rows' ? rank : a.columns) * 4),
        b: memory.take(roundUp(b.rows, 8) * rank * 4),
        low: memory.take(lowRows * rank * 4),
      };
    });
    try {
      this.#memory.grow(Math.ceil((memory.end - end) / PAGE_BYTES));
    } catch (cause) {
      const bytes = memory.end - end;
      throw new SottoError('wasm-out-of-memory', `There is no room for ${bytes} bytes of adapter.`, {
        cause,
        details: { bytes },
      });
    }
    return layout;
  }

  #write(
    { adds, weight, a, b, scale }: LoraPair,
    [aValues, bValues]: readonly [Float32Array, Float32Array],
    at: { readonly record: number; readonly a: number; readonly b: number; readonly low: number },
  ): LoadedPair {
    const { buffer } = this.#memory;
    const rank = roundUp(b.columns, 32);
    const isTable = adds === 'to rows';
    const width = isTable ? rank : a.columns;
    fillGroups(new Float32Array(buffer, at.a, roundUp(a.rows, 8) * width), aValues, a.columns, width);
    fillGroups(new Float32Array(buffer, at.b, roundUp(b.rows, 8) * rank), bValues, b.columns, rank);
    const view = new DataView(buffer);
    view.setUint32(at.record + fields.ADAPTER_LOW, at.low, true);
    writeFloatMatrix(view, at.record + fields.ADAPTER_A, at.a, a.rows, width);
    writeFloatMatrix(view, at.record + fields.ADAPTER_B, at.b, b.rows, rank);
    return { record: at.record, matrix: isTable ? EMBEDDING : this.#records.get(weight)!, scale };
  }
}

/** Rows of `columns` values as the float kernel reads them: eight rows side by side, each padded to `width` columns. */
function fillGroups(target: Float32Array, values: Float32Array, columns: number, width: number): void {
  for (let i = 0; i < values.length; i++) {
    const row = Math.floor(i / columns);
    target[(row >> 3) * width * 8 + (i % columns) * 8 + (row & 7)] = values[i]!;
  }
}

function writeFloatMatrix(view: DataView, address: number, data: number, rows: number, columns: number): void {
  view.setUint32(address + fields.MATRIX_KERNEL, fields.TYPE_F32, true);
  view.setUint32(address + fields.MATRIX_DATA, data, true);
  view.setUint32(address + fields.MATRIX_STRIDE, columns * 32, true);
  view.setUint32(address + fields.MATRIX_GROUPS, Math.ceil(rows / 8), true);
  view.setUint32(address + fields.MATRIX_BLOCKS, columns / 32, true);
}
