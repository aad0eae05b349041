import { checkPages } from '../check-pages.ts';
import { CACHE_PAGE_TOKENS } from '../decoder-backend.ts';
import { BUFFER_USAGE } from './buffer-usage.ts';
import type { LoadedDecoder } from './loaded-decoder.ts';
import { Readback } from './readback.ts';

/** Bytes on their way between host and device at a time: whole pages, as many as fit. */
const BATCH_BYTES = 16 * 2 ** 20;

/** A part of the cache in which positions lie one behind the other. */
interface Strip {
  readonly buffer: GPUBuffer;
  /** Bytes at which position 0 lies in the buffer, and where the strip's 64 positions lie in a page. */
  readonly start: number;
  readonly pageOffset: number;
  readonly bytesPerPosition: number;
}

/** Copies pages of the KV cache: `[layer][keys, values][strip][64 positions]`, as kernels hold them (`shaders/cache.wgsl`). */
export class GpuCachePages {
  readonly pageBytes: number;
  readonly format: string;
  readonly #decoder: LoadedDecoder;
  readonly #strips: readonly Strip[];
  #readback: Readback | undefined;
  #staging: GPUBuffer | undefined;

  constructor(decoder: LoadedDecoder) {
    const { plan, buffers } = decoder;
    const quadBytes = plan.cacheFormat === 'f16' ? 8 : 16;
    const { capacity } = plan.shape;
    const strips: Strip[] = [];
    let pageBytes = 0;
    const add = (buffer: GPUBuffer, start: number, bytesPerPosition: number) => {
      strips.push({ buffer, start, bytesPerPosition, pageOffset: pageBytes });
      pageBytes += bytesPerPosition * CACHE_PAGE_TOKENS;
    };
    const shapes: string[] = [];
    for (const { cache, shape } of buffers.layers.flatMap(({ mixers }) => mixers)) {
      if (shape.kind !== 'attention' || shape.spec.sharesCacheOf !== undefined) continue;
      const { keyValueHeads, headSize, keyWidth } = shape;
      shapes.push(`${keyValueHeads}x${headSize}`);
      const keyQuads = keyWidth / 4;
      for (let quad = 0; quad < keyQuads; quad++) add(cache, quad * capacity * quadBytes, quadBytes);
      const headBytes = (headSize / 4) * quadBytes;
      const values = keyQuads * capacity * quadBytes;
      for (let head = 0; head < keyValueHeads; head++) add(cache, values + head * capacity * headBytes, headBytes);
    }
    const isUniform = new Set(shapes).size === 1;
    this.#decoder = decoder;
    this.#strips = strips;
    this.pageBytes = pageBytes;
    this.format = `webgpu ${plan.cacheFormat} ${isUniform ? `${shapes.length}x${shapes[0]}` : shapes.join(' ')}`;
  }

  async read(from: number, to: number): Promise<readonly Uint8Array[]> {
    const pages: Uint8Array[] = [];
    for (let first = from; first < to; first += this.#batchPages) {
      pages.push(...(await this.#readBatch(first, Math.min(to, first + this.#batchPages))));
    }
    return pages;
  }

  /** Rejects with `internal` where the pages do not follow the `held` tokens that are there. */
  async write(from: number, pages: readonly Uint8Array[], position: number, held: number): Promise<void> {
    const { pageBytes } = this;
    const { gpu, plan } = this.#decoder;
    checkPages(from, pages, position, { pageBytes, held, contextLength: plan.shape.capacity });
    for (let done = 0; done < pages.length; done += this.#batchPages) {
      this.#writeBatch(from + done, pages.slice(done, done + this.#batchPages));
      // Or all of them would wait in the browser's memory at once.
      await gpu.idle();
    }
  }

  get #batchPages(): number {
    return Math.max(1, Math.floor(BATCH_BYTES / this.pageBytes));
  }

  async #readBatch(from: number, to: number): Promise<Uint8Array[]> {
    const { gpu } = this.#decoder;
    const positions = this.#positions(from, to);
    this.#readback ??= new Readback(gpu, this.#batchPages * this.pageBytes);
    const encoder = gpu.device.createCommandEncoder();
    let end = 0;
    for (const { buffer, start, bytesPerPosition } of this.#strips) {
      const source = start + from * CACHE_PAGE_TOKENS * bytesPerPosition;
      encoder.copyBufferToBuffer(buffer, source, this.#readback.buffer, end, positions * bytesPerPosition);
      end += positions * bytesPerPosition;
    }
    gpu.device.queue.submit([encoder.finish()]);
    const words = new Uint32Array(end / 4);
    await gpu.hurry(this.#readback.read(words));
    const bytes = new Uint8Array(words.buffer);
    const pages = Array.from({ length: to - from }, () => new Uint8Array(this.pageBytes));
    for (const { strip, page, at, length } of this.#pieces(positions)) {
      pages[page]!.set(bytes.subarray(at, at + length), strip.pageOffset);
    }
    return pages;
  }

  #writeBatch(from: number, pages: readonly Uint8Array[]): void {
    const { device } = this.#decoder.gpu;
    const positions = this.#positions(from, from + pages.length);
    const bytes = new Uint8Array((positions / CACHE_PAGE_TOKENS) * this.pageBytes);
    for (const { strip, page, at, length } of this.#pieces(positions)) {
      bytes.set(pages[page]!.subarray(strip.pageOffset, strip.pageOffset + length), at);
    }
    this.#staging ??= device.createBuffer({
      label: 'pages',
      size: this.#batchPages * this.pageBytes,
      usage: BUFFER_USAGE.copySource | BUFFER_USAGE.copyTarget,
    });
    device.queue.writeBuffer(this.#staging, 0, bytes);
    const encoder = device.createCommandEncoder();
    let end = 0;
    for (const { buffer, start, bytesPerPosition } of this.#strips) {
      const target = start + from * CACHE_PAGE_TOKENS * bytesPerPosition;
      encoder.copyBufferToBuffer(this.#staging, end, buffer, target, positions * bytesPerPosition);
      end += positions * bytesPerPosition;
    }
    device.queue.submit([encoder.finish()]);
  }

  /** The last page of a context may be half there. */
  #positions(from: number, to: number): number {
    return Math.min(to * CACHE_PAGE_TOKENS, this.#decoder.plan.shape.capacity) - from * CACHE_PAGE_TOKENS;
  }

  /** Where the pieces of pages lie when `positions` positions of all strips lie one behind the other. */
  *#pieces(positions: number) {
    let start = 0;
    for (const strip of this.#strips) {
      const { bytesPerPosition } = strip;
      for (let first = 0; first < positions; first += CACHE_PAGE_TOKENS) {
        const length = Math.min(CACHE_PAGE_TOKENS, positions - first) * bytesPerPosition;
        yield { strip, page: first / CACHE_PAGE_TOKENS, at: start + first * bytesPerPosition, length };
      }
      start += positions * bytesPerPosition;
    }
  }
}
