import type { Chat } from '../../storage/chats/index.ts';

/** When this browser first learnt of the rule, and when it was last here. */
export interface RetentionRecord {
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly knownSince: number;
  readonly seen: number;
}

export interface Retention {
  /** Chats whose time is over. */
  readonly due: readonly string[];
  /** Chats whose time is over as soon as the rule may be applied: it has to be said first. */
  readonly announced: number;
  readonly record: RetentionRecord;
}

const DAY_MS = 24 * 60 * 60_000;

/**
 * What a rule "chats are deleted after so many days without activity" means today. A rule that is new, or stricter than
 * before, is said for a day before anything is deleted. So is one that nobody was told of for as long as it lasts: a person
 * who was away for months, or a clock that jumped ahead, loses nothing unannounced.
 *
 * @param days of the policy
 * @param now milliseconds since 1970
 */
export function retentionOf(
  chats: readonly Pick<Chat, 'id' | 'updatedAt'>[],
  days: number,
  now: number,
  kept: RetentionRecord | null,
): Retention {
  const isNews = kept === null || days < kept.days || now - kept.seen > days * DAY_MS || now < kept.seen - DAY_MS;
  const knownSince = isNews ? now : kept.knownSince;
  const over = chats.filter(({ updatedAt }) => now - updatedAt > days * DAY_MS).map(({ id }) => id);
  const isSaid = now - knownSince >= DAY_MS;
  return {
    due: isSaid ? over : [],
    announced: isSaid ? 0 : over.length,
    record: { days, knownSince, seen: now },
  };
}
