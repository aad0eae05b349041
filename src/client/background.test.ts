import { afterEach, describe, expect, it, vi } from 'vitest';
import { Background } from './background.ts';

/** A document that can be hidden and shown. */
function stubDocument(): { show(isShown: boolean): void } {
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', document);
  return {
    show: (isShown) => {
      document.visibilityState = isShown ? 'visible' : 'hidden';
      document.dispatchEvent(new Event('visibilitychange'));
    },
  };
}

afterEach(() => vi.unstubAllGlobals());

describe('answers of a hidden page', () => {
  it('go on where nobody asked for anything else', async () => {
    const page = stubDocument();
    const hold = vi.fn();
    await new Background().watch(hold, async () => page.show(false));
    expect(hold).not.toHaveBeenCalled();
  });

  it('pause until the page is shown, those that begin meanwhile too', async () => {
    const page = stubDocument();
    const background = new Background();
    background.mode = 'pause';
    const holds: string[] = [];
    let end: () => void = () => {};
    const running = background.watch(
      (isHeld) => holds.push(`first ${isHeld}`),
      () => new Promise<void>((resolve) => (end = resolve)),
    );
    page.show(false);
    const later = background.watch(
      (isHeld) => holds.push(`second ${isHeld}`),
      () => running,
    );
    page.show(true);
    end();
    await later;
    page.show(false);
    expect(holds).toEqual(['first true', 'second true', 'first false', 'second false']);
  });

  it('go on when the wish is taken back, or the page leaves', async () => {
    const page = stubDocument();
    const background = new Background();
    background.mode = 'pause';
    const hold = vi.fn();
    let end: () => void = () => {};
    const running = background.watch(hold, () => new Promise<void>((resolve) => (end = resolve)));
    page.show(false);
    background.mode = 'continue';
    background.mode = 'pause';
    background.dispose();
    expect(hold.mock.calls).toEqual([[true], [false], [true], [false]]);
    page.show(true);
    page.show(false);
    expect(hold).toHaveBeenCalledTimes(4);
    end();
    await running;
  });

  it('knows two wishes', () => {
    stubDocument();
    const background = new Background();
    expect(() => Object.assign(background, { mode: 'sleep' })).toThrow('"background" must be');
    expect(background.mode).toBe('continue');
  });
});
