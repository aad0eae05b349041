import { computed, effect, untracked } from '@preact/signals';

/**
 * Runs something while a switch is on. Its code comes when it is first needed: switched off by then, nothing begins.
 * @param load resolves with what begins it and gives back what ends it
 */
export function whileOn(isOn: () => boolean, load: () => Promise<() => () => void>): void {
  const wanted = computed(isOn);
  effect(() => {
    if (!wanted.value) return undefined;
    let isOver = false;
    let end = () => {};
    const begin = async () => {
      const run = await load();
      if (!isOver) end = untracked(run);
    };
    // Without its code the page goes on as if it were off.
    untracked(() => void begin().catch(() => {}));
    return () => {
      isOver = true;
      end();
    };
  });
}
