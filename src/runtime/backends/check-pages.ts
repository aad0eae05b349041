import { SottoError } from '../../shared/index.ts';
import { CACHE_PAGE_TOKENS } from './decoder-backend.ts';

/** What an engine knows of itself when pages are put back. */
export interface PageLimits {
  readonly pageBytes: number;
  /** Tokens in the cache now. */
  readonly held: number;
  readonly contextLength: number;
}

/** Refuses pages that would leave a gap, do not fit or are of another size: `internal`, and nothing has been written. */
export function checkPages(from: number, pages: readonly Uint8Array[], position: number, limits: PageLimits): void {
  const { pageBytes, held, contextLength } = limits;
  const hasGap = from * CACHE_PAGE_TOKENS > held;
  const isCovered = position <= (from + pages.length) * CACHE_PAGE_TOKENS && position >= from * CACHE_PAGE_TOKENS;
  if (!hasGap && isCovered && position <= contextLength && pages.every((page) => page.byteLength === pageBytes)) return;
  const message = `Cannot put ${pages.length} pages at ${from} of ${held} tokens to hold ${position}.`;
  throw new SottoError('internal', message);
}
