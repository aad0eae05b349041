import type { SottoErrorCode } from '../../../client/index.ts';

/** What went wrong and what to do, for each code; a code without words is said in English, as the error says it. */
export type Failures = Readonly<Partial<Record<SottoErrorCode, readonly [what: string, advice: string]>>>;
