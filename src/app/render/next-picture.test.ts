import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createNextPicture } from './next-picture.ts';

const page = { visibilityState: 'visible' };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', page);
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 16));
  page.visibilityState = 'visible';
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('draws at once after a while, and then no more often than twenty times a second', () => {
  const next = createNextPicture(() => Date.now());
  const begun = Date.now();
  const drawn: number[] = [];
  const draw = () => {
    drawn.push(Date.now() - begun);
    if (drawn.length < 4) next(draw);
  };
  next(draw);
  vi.runAllTimers();
  expect(drawn).toEqual([16, 82, 148, 214]);
});

it('lets text arrive in a hidden tab, where no picture comes', () => {
  vi.stubGlobal('requestAnimationFrame', () => {});
  page.visibilityState = 'hidden';
  const draw = vi.fn();
  createNextPicture(() => Date.now())(draw);
  vi.advanceTimersByTime(100);
  expect(draw).toHaveBeenCalledOnce();
});
