import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Turn } from '../state/index.ts';

/** Pixels from the end that still count as "at the end": a line or two. */
const SLACK = 48;

/**
 * Follows an answer that grows, unless the reader scrolled away; a new question always comes into view.
 */
export function useStickToEnd(turns: readonly Turn[]): {
  readonly pane: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: boolean;
  readonly toEnd: () => void;
} {
  const pane = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const [isAtEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const element = pane.current;
    if (element === null) return;
    follows.current = true;
    element.scrollTop = element.scrollHeight;
  }, []);

  useEffect(() => {
    const element = pane.current;
    if (element === null) return;
    const update = () => {
      const distance = element.scrollHeight - element.clientHeight - element.scrollTop;
      follows.current = distance <= SLACK;
      setAtEnd(follows.current);
    };
    element.addEventListener('scroll', update, { passive: true });
    return () => element.removeEventListener('scroll', update);
  }, []);

  // A new question comes into view wherever the reader is; a growing answer only while they follow it.
  useLayoutEffect(toEnd, [turns.length]);
  useLayoutEffect(() => {
    if (follows.current) toEnd();
  }, [turns]);
  return { pane, isAtEnd, toEnd };
}
