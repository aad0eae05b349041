import { CACHE_PAGE_TOKENS } from '../decoder-backend.ts';
import { cacheWidths } from './cache-kind.ts';
import type { AttentionPlace } from './layer-place.ts';
import type { MemoryPlan } from './memory-plan.ts';

/** The parts of a layer's cache, each `[KV head][position]`; blocks of 32 positions are contiguous in all of them. */
const PARTS = ['keys', 'values', 'keyScales', 'valueScales'] as const satisfies readonly (keyof AttentionPlace)[];

function bytesPerPosition({ cacheKind }: MemoryPlan, { spec }: AttentionPlace, part: (typeof PARTS)[number]): number {
  const { value, scale } = cacheWidths(cacheKind);
  return part === 'keys' || part === 'values' ? spec.headSize * value : scale;
}

function attentionPlaces(plan: MemoryPlan): readonly AttentionPlace[] {
  return plan.layers.flatMap(({ mixer }) =>
    mixer !== undefined && 'keys' in mixer && mixer.spec.sharesCacheOf === undefined ? [mixer] : [],
  );
}

/** True where keys and values are all that layers remember: only then is a page a part of the cache. */
export function hasPagesOnly(plan: MemoryPlan): boolean {
  return plan.layers.every(({ mixer, recurrence }) => recurrence === undefined && mixer?.spec.kind === 'attention');
}

/** Size and name of a page: `[layer][part][KV head][64 positions]`. */
export function pageLayout(plan: MemoryPlan): { readonly pageBytes: number; readonly format: string } {
  const attentions = attentionPlaces(plan);
  const bytes = attentions.map((layer) => {
    const perPosition = PARTS.reduce((sum, part) => sum + bytesPerPosition(plan, layer, part), 0);
    return layer.spec.keyValueHeads * perPosition * CACHE_PAGE_TOKENS;
  });
  const shapes = attentions.map(({ spec }) => `${spec.keyValueHeads}x${spec.headSize}`);
  // Layers mostly have one shape: it is named once, with how many there are.
  const isUniform = new Set(shapes).size === 1;
  const shape = isUniform ? `${shapes.length}x${shapes[0]}` : shapes.join(' ');
  return { pageBytes: bytes.reduce((sum, size) => sum + size, 0), format: `cpu ${plan.cacheKind} ${shape}` };
}

/** A copy of one page of the cache that begins at `cache`. */
export function readPage(plan: MemoryPlan, memory: ArrayBufferLike, cache: number, page: number): Uint8Array {
  const copy = new Uint8Array(pageLayout(plan).pageBytes);
  for (const { address, bytes, offset } of ranges(plan, page)) {
    copy.set(new Uint8Array(memory, cache + address, bytes), offset);
  }
  return copy;
}

/** Puts a copy back. */
export function writePage(
  plan: MemoryPlan,
  memory: ArrayBufferLike,
  cache: number,
  page: number,
  copy: Uint8Array,
): void {
  for (const { address, bytes, offset } of ranges(plan, page)) {
    new Uint8Array(memory, cache + address, bytes).set(copy.subarray(offset, offset + bytes));
  }
}

/** Where the pieces of a page lie in a cache and in the copy. The last page of a context may be half there. */
function* ranges(
  plan: MemoryPlan,
  page: number,
): Generator<{ readonly address: number; readonly bytes: number; readonly offset: number }> {
  const first = page * CACHE_PAGE_TOKENS;
  const positions = Math.min(CACHE_PAGE_TOKENS, plan.context - first);
  let offset = 0;
  for (const layer of attentionPlaces(plan)) {
    for (const part of PARTS) {
      const size = bytesPerPosition(plan, layer, part);
      for (let head = 0; head < layer.spec.keyValueHeads; head++) {
        yield { address: layer[part] + (head * plan.context + first) * size, bytes: positions * size, offset };
        offset += CACHE_PAGE_TOKENS * size;
      }
    }
  }
}
