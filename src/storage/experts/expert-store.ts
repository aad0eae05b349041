import type { ExpertArtefact, ExpertVersion, LabelledRow } from '../../protocol/index.ts';
import { SottoError } from '../../shared/index.ts';
import type { ExpertTable } from './expert-table.ts';

interface VersionRow {
  readonly artefact: ExpertArtefact;
  readonly keptAt: number;
}

/** Which version answers, and what none may get wrong. */
interface HeadRow {
  readonly current: number;
  readonly regression: readonly LabelledRow[];
}

const versionKey = (id: string, version: number) => `version ${id} ${String(version).padStart(8, '0')}`;
const headKey = (id: string) => `head ${id}`;

/** Every version of every expert that was kept. What comes out is untrusted until it was opened. */
export class ExpertStore {
  readonly #table: ExpertTable;

  constructor(table: ExpertTable) {
    this.#table = table;
  }

  /** Keeps a version, which answers from now on; an earlier one of the same number is replaced. */
  async keep(artefact: ExpertArtefact, regression: readonly LabelledRow[], keptAt: number): Promise<void> {
    const head: HeadRow = { current: artefact.version, regression };
    const row: VersionRow = { artefact, keptAt };
    await this.#table.write(
      new Map<string, unknown>([
        [versionKey(artefact.id, artefact.version), row],
        [headKey(artefact.id), head],
      ]),
    );
  }

  /** The version that answers, or undefined. */
  async current(id: string): Promise<unknown> {
    const head = await this.#head(id);
    return head === undefined ? undefined : (await this.#version(id, head.current))?.artefact;
  }

  async regression(id: string): Promise<readonly LabelledRow[]> {
    return (await this.#head(id))?.regression ?? [];
  }

  /** All versions of one expert or of all, oldest first. */
  async versions(id?: string): Promise<readonly ExpertVersion[]> {
    const prefix = id === undefined ? 'version ' : `version ${id} `;
    const keys = (await this.#table.keys()).filter((key) => key.startsWith(prefix));
    const found: ExpertVersion[] = [];
    for (const key of keys) {
      const row = (await this.#table.read(key)) as VersionRow | undefined;
      if (typeof row?.artefact?.id !== 'string') continue;
      const { artefact, keptAt } = row;
      const head = await this.#head(artefact.id);
      found.push({
        id: artefact.id,
        name: artefact.name,
        ...(artefact.task === undefined ? {} : { task: artefact.task }),
        isSigned: artefact.signature !== undefined,
        version: artefact.version,
        isCurrent: head?.current === artefact.version,
        keptAt,
        rows: artefact.rows,
        accuracy: artefact.metrics.accuracy,
        dataHash: artefact.dataHash,
      });
    }
    return found;
  }

  /** Goes back, or on again, to a version that was kept. Resolves with it. */
  async use(id: string, version: number): Promise<unknown> {
    const artefact = await this.version(id, version);
    const head = await this.#head(id);
    await this.#table.write(new Map([[headKey(id), { current: version, regression: head?.regression ?? [] }]]));
    return artefact;
  }

  /** One version, whichever answers now. Rejects with `task-unavailable`. */
  async version(id: string, version: number): Promise<unknown> {
    const row = await this.#version(id, version);
    if (row === undefined)
      throw new SottoError('task-unavailable', `Version ${version} of the expert "${id}" is not kept here.`);
    return row.artefact;
  }

  /**
   * Forgets all versions of an expert, and its rows; or one version. Where that one answered, the newest of the others does; with the last one go
   * the rows.
   */
  async forget(id: string, version?: number): Promise<void> {
    const others = (await this.versions(id)).filter((one) => one.version !== version);
    const next = others.find(({ isCurrent }) => isCurrent) ?? others.at(-1);
    if (version !== undefined && next !== undefined) {
      const regression = await this.regression(id);
      await this.#table.write(
        new Map<string, unknown>([
          [versionKey(id, version), undefined],
          [headKey(id), { current: next.version, regression } satisfies HeadRow],
        ]),
      );
      return;
    }
    const keys = (await this.#table.keys()).filter((key) => key === headKey(id) || key.startsWith(`version ${id} `));
    await this.#table.write(new Map(keys.map((key) => [key, undefined])));
  }

  async #head(id: string): Promise<HeadRow | undefined> {
    const row = (await this.#table.read(headKey(id))) as HeadRow | undefined;
    return Number.isInteger(row?.current) && Array.isArray(row?.regression) ? row : undefined;
  }

  async #version(id: string, version: number): Promise<VersionRow | undefined> {
    const row = (await this.#table.read(versionKey(id, version))) as VersionRow | undefined;
    return typeof row?.artefact === 'object' ? row : undefined;
  }
}
