import type { ExpertTable } from './expert-table.ts';
import { openExpertTable } from './expert-table.ts';

const PREFIX = 'draft ';

/**
 * Rows, labels and the like that a person works on before an expert is kept, in named parts, so that a small change writes little. What comes out is
 * untrusted.
 */
export class ExpertDraft {
  readonly #table: ExpertTable;

  constructor(table: ExpertTable) {
    this.#table = table;
  }

  read(part: string): Promise<unknown> {
    return this.#table.read(PREFIX + part);
  }

  /** `undefined` deletes a part. */
  write(parts: Readonly<Record<string, unknown>>): Promise<void> {
    return this.#table.write(new Map(Object.entries(parts).map(([part, value]) => [PREFIX + part, value])));
  }

  async clear(): Promise<void> {
    const keys = (await this.#table.keys()).filter((key) => key.startsWith(PREFIX));
    await this.#table.write(new Map(keys.map((key) => [key, undefined])));
  }
}

/** Deletes what a person worked on: it lies in the clear, and a vault is being switched on. */
export async function clearExpertDraft(): Promise<void> {
  await new ExpertDraft(await openExpertTable()).clear();
}
