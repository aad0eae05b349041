import type { SottoErrorCode } from '../../../client/index.ts';

/** What went wrong and what to do, for each code there is: a new one without words is a compile error. The error's own words stand below. */
export type Failures = Readonly<Record<SottoErrorCode, readonly [what: string, advice: string]>>;
