import type { ENGLISH } from './english.ts';

/** The shape every language fills. */
export type Words = {
  readonly [Key in keyof typeof ENGLISH]: (typeof ENGLISH)[Key] extends string ? string : (typeof ENGLISH)[Key];
};
