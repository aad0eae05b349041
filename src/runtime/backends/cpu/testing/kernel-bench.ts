import type { GgmlTypeName } from '../../../../formats/gguf/types.ts';
import { kernelTypeOf } from '../kernel-types.ts';
import {
  EIGHT_BIT_RECORD,
  JOB_COUNT,
  PLAN,
  PLAN_BYTES,
  SIXTEEN_BIT_RECORD,
  TABLE_RECORD,
  TILE_TOKENS,
} from '../plan-fields.ts';

/** Kernels read the plan: what lies there by chance must not choose between them. */
const FIRST = Math.ceil((PLAN + PLAN_BYTES) / 64) * 64;

/** What the engine exports beyond `EngineExports`, for tests of single kernels. */
export interface KernelExports {
  repack(kernel: number, from: number, rows: number, blocks: number, to: number, stride: number): void;
  activationFormat(kernel: number): number;
  gemv(
    kernel: number,
    data: number,
    stride: number,
    groups: number,
    blocks: number,
    x: number,
    out: number,
    add: number,
    scale: number,
  ): void;
  gemm(
    kernel: number,
    data: number,
    stride: number,
    groups: number,
    blocks: number,
    x: number,
    tiles: number,
    out: number,
    outStride: number,
    add: number,
    scale: number,
  ): void;
  dequantiseRow(kernel: number, data: number, stride: number, blocks: number, row: number, out: number): void;
  quantiseEightBit(x: number, blocks: number, to: number, recordStride: number): void;
  quantiseSixteenBit(x: number, blocks: number, to: number, recordStride: number): void;
  tabulateSigns(x: number, blocks: number, to: number): void;
  rmsNorm(x: number, weight: number, size: number, epsilon: number, scale: number, out: number): void;
  rope(x: number, heads: number, headSize: number, dimensions: number, table: number, interleaved: number): void;
  activateTimes(kind: number, gate: number, up: number, out: number): void;
  layerNorm(x: number, weight: number, size: number, epsilon: number, scale: number, out: number): void;
  softCap(x: number, size: number, cap: number): void;
  allFinite(x: number, size: number): number;
  hadamard(x: number, size: number): void;
  quantiseQuery(x: number, heads: number, headSize: number, factor: number, out: number, scales: number): void;
  appendKeyValue(
    key: number,
    value: number,
    headSize: number,
    position: number,
    keys: number,
    keyScales: number,
    values: number,
    valueScales: number,
  ): void;
  attend(
    queries: number,
    headSize: number,
    query: number,
    queryScales: number,
    keys: number,
    keyScales: number,
    values: number,
    valueScales: number,
    from: number,
    first: number,
    to: number,
    cap: number,
    scores: number,
    scoresStride: number,
    weights: number,
    out: number,
    stats: number,
  ): void;
  combine(
    partial: number,
    stats: number,
    shares: number,
    heads: number,
    headSize: number,
    sinks: number,
    out: number,
  ): void;
  scaleQuery(isHalf: boolean, x: number, size: number, factor: number, out: number): void;
  appendFloat(
    isHalf: boolean,
    key: number,
    value: number,
    headSize: number,
    position: number,
    keys: number,
    values: number,
  ): void;
  attendFloat(
    isHalf: boolean,
    queries: number,
    headSize: number,
    query: number,
    keys: number,
    values: number,
    from: number,
    first: number,
    to: number,
    cap: number,
    scores: number,
    scoresStride: number,
    out: number,
    stats: number,
  ): void;
}

export interface AttentionCase {
  readonly queries: readonly number[];
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly size: number;
  readonly positions: number;
  readonly scale: number;
  readonly border: number;
  readonly first: number;
  /** 0: none. */
  readonly cap: number;
  readonly sinks: readonly number[] | undefined;
}

interface TestMatrix {
  readonly kernel: number;
  readonly address: number;
  readonly stride: number;
  readonly groups: number;
  readonly blocks: number;
}

const PAGES = 64;

/** An instance of the engine with a memory of its own and a bump allocator, to call single kernels. */
export class KernelBench {
  readonly exports: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #next = FIRST;

  private constructor(exports: KernelExports, memory: WebAssembly.Memory) {
    this.exports = exports;
    this.#memory = memory;
  }

  static async open(module: WebAssembly.Module, isShared: boolean): Promise<KernelBench> {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES, shared: isShared });
    const instance = await WebAssembly.instantiate(module, { env: { memory } });
    return new KernelBench(instance.exports as unknown as KernelExports, memory);
  }

  /** Forgets everything; the memory is filled with NaN patterns, so that a read of what nobody wrote shows. */
  reset(): void {
    new Uint8Array(this.#memory.buffer).fill(0xff, FIRST, this.#next);
    this.#next = FIRST;
  }

  take(bytes: number): number {
    const address = this.#next;
    this.#next = Math.ceil((address + bytes) / 64) * 64;
    return address;
  }

  view(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  floats(length: number): Float32Array {
    return this.view(this.take(length * 4), length);
  }

  store(values: ArrayLike<number>): number {
    const at = this.floats(values.length);
    at.set(values);
    return at.byteOffset;
  }

  /** Repacks rows as the loader does; rows that pad the last group are zeros, as in fresh memory. */
  matrix(type: GgmlTypeName, bytes: Uint8Array, rows: number, blocks: number): TestMatrix {
    const { repack, kernel, groupBytes } = kernelTypeOf(type)!;
    const from = this.take(bytes.byteLength);
    new Uint8Array(this.#memory.buffer, from, bytes.byteLength).set(bytes);
    const stride = blocks * groupBytes;
    const groups = Math.ceil(rows / 8);
    const address = this.take(groups * stride);
    new Uint8Array(this.#memory.buffer, address, groups * stride).fill(0);
    this.exports.repack(repack, from, rows, blocks, address, stride);
    return { kernel, address, stride, groups, blocks };
  }

  gemv(matrix: TestMatrix, x: readonly number[]): Float32Array {
    const { kernel, address, stride, groups, blocks } = matrix;
    const out = this.floats(groups * 8);
    const activations = this.#prepare(matrix, [x], false);
    this.exports.gemv(kernel, address, stride, groups, blocks, activations, out.byteOffset, 0, 1);
    return out;
  }

  /** Adds `scale` times the product to rows that hold `before`. */
  gemm(matrix: TestMatrix, tokens: readonly (readonly number[])[], before: number, scale: number): Float32Array[] {
    const { kernel, address, stride, groups, blocks } = matrix;
    const tiles = Math.ceil(tokens.length / TILE_TOKENS);
    const width = groups * 8;
    const out = this.floats(tiles * TILE_TOKENS * width);
    out.fill(before);
    const activations = this.#prepare(matrix, tokens, true);
    const to = out.byteOffset;
    // Of two tokens some kernels have a form of their own.
    new Int32Array(this.#memory.buffer)[(PLAN + JOB_COUNT) / 4] = tokens.length;
    this.exports.gemm(kernel, address, stride, groups, blocks, activations, tiles, to, width * 4, 1, scale);
    return tokens.map((_, t) => out.subarray(t * width, (t + 1) * width));
  }

  row(matrix: TestMatrix, row: number): Float32Array {
    const out = this.floats(matrix.blocks * 32);
    this.exports.dequantiseRow(matrix.kernel, matrix.address, matrix.stride, matrix.blocks, row, out.byteOffset);
    return out;
  }

  /** The same over a cache of floats or half floats; what a longer text left behind is not even a number. */
  floatAttention(isHalf: boolean, given: AttentionCase): Float32Array {
    const { queries, size, positions, border, first, cap, sinks } = given;
    const heads = queries.length / size;
    const context = Math.ceil(positions / 32) * 32;
    const bytes = context * size * (isHalf ? 2 : 4);
    const [keys, values] = [this.take(bytes), this.take(bytes)];
    new Uint8Array(this.#memory.buffer, keys, bytes).fill(255);
    new Uint8Array(this.#memory.buffer, values, bytes).fill(255);
    for (let p = 0; p < positions; p++) {
      const key = this.store(given.keys.slice(p * size, (p + 1) * size));
      const value = this.store(given.values.slice(p * size, (p + 1) * size));
      this.exports.appendFloat(isHalf, key, value, size, p, keys, values);
    }
    const query = this.take(heads * size * 4);
    this.exports.scaleQuery(isHalf, this.store(queries), heads * size, given.scale, query);
    const [scores, stats] = [this.take(heads * context * 4), this.take(2 * heads * 8)];
    const partial = this.take(2 * heads * size * 4);
    const attend = (share: number, from: number, to: number) => {
      const [out, own] = [partial + share * heads * size * 4, stats + share * heads * 8];
      const stride = context * 4;
      this.exports.attendFloat(
        isHalf,
        heads,
        size,
        query,
        keys,
        values,
        from,
        first,
        to,
        cap,
        scores,
        stride,
        out,
        own,
      );
    };
    const hasTwo = border > 0 && first < border;
    if (hasTwo) attend(0, first & ~31, border);
    attend(hasTwo ? 1 : 0, Math.max(border, first & ~31), positions);
    const out = this.floats(heads * size);
    this.exports.combine(partial, stats, hasTwo ? 2 : 1, heads, size, sinks ? this.store(sinks) : 0, out.byteOffset);
    return out;
  }

  /** Queries of one KV head, in two shares that meet at `border`; they see the positions from `first` on. */
  attention(given: AttentionCase): Float32Array {
    const { queries, size, positions, border, first, cap, sinks } = given;
    const heads = queries.length / size;
    const context = Math.ceil(positions / 32) * 32;
    const [keys, values] = [this.take(context * size), this.take(context * size)];
    const [keyScales, valueScales] = [this.take(context * 4), this.take(context * 4)];
    // Left behind by a longer text: loud, but finite.
    new Uint8Array(this.#memory.buffer, keys, context * size).fill(127);
    new Uint8Array(this.#memory.buffer, values, context * size).fill(127);
    this.view(keyScales, context).fill(100);
    this.view(valueScales, context).fill(100);
    for (let p = 0; p < positions; p++) {
      const key = this.store(given.keys.slice(p * size, (p + 1) * size));
      const value = this.store(given.values.slice(p * size, (p + 1) * size));
      this.exports.appendKeyValue(key, value, size, p, keys, keyScales, values, valueScales);
    }
    const [query, queryScales] = [this.take(heads * size * 2), this.take(heads * 4)];
    this.exports.quantiseQuery(this.store(queries), heads, size, given.scale, query, queryScales);
    const [scores, weights] = [this.take(heads * context * 4), this.take(heads * context * 2)];
    const [partial, stats] = [this.take(2 * heads * size * 4), this.take(2 * heads * 8)];
    const attend = (share: number, from: number, to: number) =>
      this.exports.attend(
        heads,
        size,
        query,
        queryScales,
        keys,
        keyScales,
        values,
        valueScales,
        from,
        first,
        to,
        cap,
        scores,
        context * 4,
        weights,
        partial + share * heads * size * 4,
        stats + share * heads * 8,
      );
    const hasTwo = border > 0 && first < border;
    if (hasTwo) attend(0, first & ~31, border);
    attend(hasTwo ? 1 : 0, Math.max(border, first & ~31), positions);
    const out = this.floats(heads * size);
    this.exports.combine(partial, stats, hasTwo ? 2 : 1, heads, size, sinks ? this.store(sinks) : 0, out.byteOffset);
    for (let h = 0; h < heads; h++) this.exports.hadamard(out.byteOffset + h * size * 4, size);
    return out;
  }

  /** Activations as the matrix's kernel reads them: a row, or tiles whose last one may be part empty. */
  #prepare(matrix: TestMatrix, tokens: readonly (readonly number[])[], isTiled: boolean): number {
    const { blocks } = matrix;
    const width = blocks * 32;
    const rows = isTiled ? Math.ceil(tokens.length / TILE_TOKENS) * TILE_TOKENS : 1;
    const x = this.take(rows * width * 4);
    this.view(x, rows * width).fill(0);
    for (const [t, token] of tokens.entries()) this.view(x + t * width * 4, width).set(token);
    const format = this.exports.activationFormat(matrix.kernel);
    if (format === 1) return x;
    if (format === 8) {
      const tables = this.take(rows * blocks * TABLE_RECORD);
      for (let t = 0; t < rows; t++) {
        this.exports.tabulateSigns(x + t * width * 4, blocks, tables + t * blocks * TABLE_RECORD);
      }
      return tables;
    }
    const isEightBit = format === 2;
    const record = isEightBit ? EIGHT_BIT_RECORD : SIXTEEN_BIT_RECORD;
    const to = this.take(rows * blocks * record);
    for (let t = 0; t < rows; t++) {
      const tile = Math.floor(t / TILE_TOKENS) * TILE_TOKENS * blocks;
      const address = to + (isTiled ? tile + (t % TILE_TOKENS) : 0) * record;
      const stride = isTiled ? TILE_TOKENS * record : record;
      const from = x + t * width * 4;
      if (isEightBit) this.exports.quantiseEightBit(from, blocks, address, stride);
      else this.exports.quantiseSixteenBit(from, blocks, address, stride);
    }
    return to;
  }
}
