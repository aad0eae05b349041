import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Pixels from the end that still count as "at the end": a line or two. */
const SLACK = 48;

/**
 * Follows an answer that grows, unless the reader scrolled away; a new question always comes into view.
 * @param count of messages on the screen
 */
export function useStickToEnd(count: number): {
  readonly pane: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: boolean;
  readonly toEnd: () => void;
} {
  const pane = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const isEmpty = useRef(true);
  isEmpty.current = count === 0;
  const [isAtEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const element = pane.current;
    if (element === null) return;
    follows.current = true;
    // What stands there before the first question is read from its top.
    element.scrollTop = isEmpty.current ? 0 : element.scrollHeight;
  }, []);

  useEffect(() => {
    const element = pane.current;
    if (element === null) return;
    let lastTop = element.scrollTop;
    const update = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const isAtEnd = scrollHeight - clientHeight - scrollTop <= SLACK;
      // Only a reader moves the text down; what grows by itself, or is measured late, never does.
      if (isAtEnd) follows.current = true;
      else if (scrollTop < lastTop - 1) follows.current = false;
      lastTop = scrollTop;
      setAtEnd(isAtEnd || follows.current);
    };
    element.addEventListener('scroll', update, { passive: true });
    // An answer grows; messages out of sight have guessed heights, and the real ones come when they are drawn.
    const observer = new ResizeObserver(() => {
      if (!follows.current) update();
      else if (!isEmpty.current) element.scrollTop = element.scrollHeight;
    });
    for (const child of element.children) observer.observe(child);
    return () => {
      element.removeEventListener('scroll', update);
      observer.disconnect();
    };
  }, []);

  // A new question comes into view wherever the reader is; a growing answer, above, only while they follow it.
  useLayoutEffect(toEnd, [count]);
  return { pane, isAtEnd, toEnd };
}
