import type { Widened } from '../../app/i18n/index.ts';
import type { EN } from './en.ts';

/** The shape every language fills. */
export type Words = Widened<typeof EN>;
