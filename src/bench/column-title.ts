import type { Column } from './report.ts';
import { TEXT } from './text.ts';

/** What a column is called; other engines have names of their own. */
export function columnTitle({ engine }: Column): string {
  return typeof engine === 'string' ? TEXT.engineNames[engine] : engine.peer;
}
