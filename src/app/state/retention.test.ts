import { expect, it } from 'vitest';
import { type RetentionRecord, retentionOf } from './retention.ts';

const DAY = 24 * 60 * 60_000;
const NOW = Date.UTC(2026, 5, 1);
const chats = [
  { id: 'old', updatedAt: NOW - 31 * DAY },
  { id: 'young', updatedAt: NOW - 29 * DAY },
];
const told = (change: Partial<RetentionRecord> = {}): RetentionRecord => ({
  days: 30,
  knownSince: NOW - 10 * DAY,
  seen: NOW - DAY,
  ...change,
});

it('deletes what is older than the rule, where the rule was known', () => {
  expect(retentionOf(chats, 30, NOW, told())).toEqual({
    due: ['old'],
    announced: 0,
    record: { days: 30, knownSince: NOW - 10 * DAY, seen: NOW },
  });
});

it.each<[string, number, RetentionRecord | null]>([
  ['nobody knew of', 30, null],
  ['became stricter', 30, told({ days: 60 })],
  ['was not seen for as long as it lasts', 30, told({ seen: NOW - 45 * DAY })],
  ['was seen by a clock that ran ahead', 30, told({ seen: NOW + 90 * DAY })],
])('says a rule that %s for a day first', (_what, days, kept) => {
  const first = retentionOf(chats, days, NOW, kept);
  expect(first).toMatchObject({ due: [], announced: 1, record: { knownSince: NOW } });
  expect(retentionOf(chats, days, NOW + DAY / 2, first.record)).toMatchObject({ due: [], announced: 1 });
  expect(retentionOf(chats, days, NOW + DAY, first.record)).toMatchObject({ due: ['old'], announced: 0 });
});

it('a rule that became milder needs no notice', () => {
  expect(retentionOf(chats, 60, NOW + 40 * DAY, told({ seen: NOW + 39 * DAY })).due).toEqual(['old', 'young']);
});
