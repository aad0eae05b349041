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
  /** Where the text stands, as far as is known: whoever moves it by code notes it here, and is not taken for the reader. */
  const lastTop = useRef(0);
  const isEmpty = useRef(true);
  isEmpty.current = count === 0;
  const [isAtEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const element = pane.current;
    if (element === null) return;
    follows.current = true;
    // What stands there before the first question is read from its top.
    element.scrollTop = isEmpty.current ? 0 : element.scrollHeight;
    lastTop.current = element.scrollTop;
  }, []);

  useEffect(() => {
    const element = pane.current;
    if (element === null) return;
    const update = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const isAtEnd = scrollHeight - clientHeight - scrollTop <= SLACK;
      // Only a reader moves the text down; what grows by itself, or is measured late, never does.
      if (isAtEnd) follows.current = true;
      else if (scrollTop < lastTop.current - 1) follows.current = false;
      lastTop.current = scrollTop;
      setAtEnd(isAtEnd || follows.current);
    };
    element.addEventListener('scroll', update, { passive: true });
    // An answer grows; messages out of sight have guessed heights, and the real ones come when they are drawn; the pane
    // itself gives room to a message that is written below it.
    const observer = new ResizeObserver(() => {
      if (!follows.current) update();
      else if (!isEmpty.current) toEnd();
    });
    for (const child of [element, ...element.children]) observer.observe(child);
    return () => {
      element.removeEventListener('scroll', update);
      observer.disconnect();
    };
  }, [toEnd]);

  // A new question comes into view wherever the reader is; a growing answer, above, only while they follow it.
  useLayoutEffect(toEnd, [count]);
  return { pane, isAtEnd, toEnd };
}
