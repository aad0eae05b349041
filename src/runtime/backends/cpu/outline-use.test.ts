import { expect, it } from 'vitest';
import { OutlineUse } from './outline-use.ts';

/** For each of `tokens` tokens whether the outline was used, where it leaves `share` of the head to be read. */
function decode(use: OutlineUse, tokens: number, share: number): boolean[] {
  return Array.from({ length: tokens }, () => {
    const isUsed = use.next();
    if (isUsed) use.record(share);
    return isUsed;
  });
}

it('is used for every token where it pays', () => {
  expect(decode(new OutlineUse(), 100, 0.05)).not.toContain(false);
});

it('is tried less and less often where it does not, and used again as soon as it does', () => {
  const use = new OutlineUse();
  const tries = decode(use, 1_500, 0.6).flatMap((isUsed, token) => (isUsed ? [token] : []));
  expect(tries).toEqual([0, 17, 50, 115, 244, 501, 758, 1_015, 1_272]);
  decode(use, 300, 0.05);
  expect(decode(use, 100, 0.05)).not.toContain(false);
});
