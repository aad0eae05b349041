import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Nobody reads and decides faster; a click that comes sooner was meant for something else. */
const LEAST_SEEN_MS = 500;

/** How long the browser may wait between two looks; its specification asks for 100 at least. */
const LOOK_EVERY_MS = 100;

type TrackedEntry = IntersectionObserverEntry & { readonly isVisible?: boolean };

/**
 * Whether a person can have read an element: it was there for a while, and nothing lay over it. The page that holds this frame
 * can cover it, make it transparent or move it away at the last moment; Chromium tells (IntersectionObserver with
 * `trackVisibility`). Where a browser does not, only the time counts.
 *
 * @param subject What the element shows: its time begins anew with another one.
 */
export function useSeen(element: RefObject<Element | null>, subject: unknown): () => 'seen' | 'too-soon' | 'covered' {
  const since = useRef<number | null>(null);
  useEffect(() => {
    const { current } = element;
    since.current = null;
    if (current === null) return undefined;
    const look = (entries: readonly TrackedEntry[]) => {
      const last = entries.at(-1);
      const isOpen = last?.isIntersecting === true && last.isVisible !== false;
      since.current = isOpen ? (since.current ?? performance.now()) : null;
    };
    // A share of nothing to all of it: each change of what can be seen is told.
    const options = { trackVisibility: true, delay: LOOK_EVERY_MS, threshold: [0, 0.5, 1] };
    const observer = new IntersectionObserver(look, options);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element, subject]);
  return () => {
    if (since.current === null) return 'covered';
    return performance.now() - since.current >= LEAST_SEEN_MS ? 'seen' : 'too-soon';
  };
}
