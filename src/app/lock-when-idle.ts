const LOOK_EVERY_MS = 10_000;

/**
 * Locks after minutes without a key or a touch, also after the machine slept.
 * @param minutes after how many; null while nothing is to be locked
 */
export function lockWhenIdle(minutes: () => number | null, lock: () => void): void {
  let touched = Date.now();
  for (const event of ['pointerdown', 'keydown', 'wheel', 'touchstart']) {
    addEventListener(
      event,
      () => {
        touched = Date.now();
      },
      { passive: true, capture: true },
    );
  }
  setInterval(() => {
    const limit = minutes();
    if (limit === null) return;
    const idle = Date.now() - touched;
    // A clock that jumped back is no reason to lock, nor never to.
    if (idle < 0) touched = Date.now();
    else if (idle > limit * 60_000) lock();
  }, LOOK_EVERY_MS);
}
