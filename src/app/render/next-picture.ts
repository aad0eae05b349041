import type { Schedule } from '../../shared/index.ts';

/**
 * Least time between two pictures of an answer. Engine and page share the processors: at 60 pictures a second drawing took a fifth of
 * one, and all threads of the engine wait for the one that is held up. Twenty pictures still look like writing.
 */
const PICTURE_MS = 50;
/** A hidden tab draws no pictures: its text still has to arrive. */
const HIDDEN_TAB_MS = 100;

/** Draws with the browser's next picture, at once where the last one lies back a while. */
export function createNextPicture(now: () => number = () => performance.now()): Schedule {
  let last = Number.NEGATIVE_INFINITY;
  return (draw) => {
    const drawNow = () => {
      last = now();
      draw();
    };
    if (document.visibilityState !== 'visible') {
      setTimeout(drawNow, HIDDEN_TAB_MS);
      return;
    }
    const rest = last + PICTURE_MS - now();
    if (rest > 0) setTimeout(() => requestAnimationFrame(drawNow), rest);
    else requestAnimationFrame(drawNow);
  };
}
