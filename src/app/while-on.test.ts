import { signal } from '@preact/signals';
import { expect, it } from 'vitest';
import { whileOn } from './while-on.ts';

it('begins nothing that was switched off before its code came, and ends what runs', async () => {
  const isOn = signal(false);
  const other = signal(0);
  const coming: (() => void)[] = [];
  const said: string[] = [];
  const load = async () => {
    await new Promise<void>((resolve) => coming.push(resolve));
    return () => {
      said.push(`begun ${other.value}`);
      return () => void said.push('ended');
    };
  };
  const come = async () => {
    for (const arrive of coming.splice(0)) arrive();
    await new Promise((resolve) => setTimeout(resolve));
  };
  whileOn(() => isOn.value, load);
  isOn.value = true;
  isOn.value = false;
  await come();
  expect(said).toEqual([]);
  isOn.value = true;
  await come();
  other.value = 1;
  isOn.value = false;
  expect(said).toEqual(['begun 0', 'ended']);
});
