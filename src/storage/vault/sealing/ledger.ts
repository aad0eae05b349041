import { fnv1a, SottoError } from '../../../shared/index.ts';
import type { IdbRecordStore, LedgerChange, RecordCodec, RecordHeader, RecordLedger } from '../../records/index.ts';

/** The ledger lies in so many parts: a write seals those it touches, some kilobytes of ten thousand records. */
const PARTS = 64;

const ROOT = 'vault-ledger';
const partName = (part: number) => `${ROOT}-${part}`;

/** Where the latest generation is kept besides: outside of the database, so that putting that back alone is noticed. */
export interface GenerationAnchor {
  read(): number;
  write(generation: number): void;
}

/**
 * The last sequence of every record, sealed. A sealed record proves that it was written here once; only this proves that it was
 * the last writing, and that none is missing. Each part is bound to the counter that the root names for it, the root to
 * its generation: an older part, root or record does not fit the others.
 */
export interface VaultLedger extends RecordLedger {
  /** Records of the ledger that the database does not hold. */
  countMissing(names: ReadonlySet<string>): number;
}

type Entries = Map<string, number>;

interface Loaded {
  readonly generation: number;
  readonly counters: readonly number[];
  readonly parts: readonly Entries[];
}

export function nameOf({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind} ${id}`;
}

/** Opens the ledger of a vault. Rejects with `vault-damaged` where it was changed, is missing, or is older than the anchor knows. */
export async function openLedger(
  records: Pick<IdbRecordStore, 'readMeta'>,
  codec: RecordCodec,
  anchor: GenerationAnchor,
): Promise<VaultLedger> {
  const loaded = await load(records, codec);
  if (loaded.generation < anchor.read()) throw damaged('The storage was put back to an older state.');
  return createLedger(records, codec, anchor, loaded);
}

/** A ledger of what is there now: for a vault that has none yet, or whose own was damaged. */
export async function rebuildLedger(
  records: Pick<IdbRecordStore, 'readMeta' | 'headers' | 'writeLedger'>,
  codec: RecordCodec,
  anchor: GenerationAnchor,
): Promise<VaultLedger> {
  const generation = anchor.read();
  const empty = { generation, counters: Array<number>(PARTS).fill(generation), parts: emptyParts() };
  const ledger = createLedger(records, codec, anchor, empty, false);
  const headers = await records.headers();
  await records.writeLedger(await ledger.stage(headers));
  return createLedger(records, codec, anchor, await load(records, codec));
}

/** Names of all that a ledger keeps in the `meta` store. */
export const LEDGER_KEYS: readonly string[] = [ROOT, ...Array.from({ length: PARTS }, (_, part) => partName(part))];

function createLedger(
  records: Pick<IdbRecordStore, 'readMeta'>,
  codec: RecordCodec,
  anchor: GenerationAnchor,
  initial: Loaded,
  isOnDisk = true,
): VaultLedger {
  let now = initial;
  /** Another tab may have written since. */
  const refresh = async () => {
    if (!isOnDisk) return;
    const stored = (await records.readMeta(ROOT)) as { readonly generation?: unknown } | undefined;
    if (stored?.generation !== now.generation) now = await load(records, codec);
  };
  return {
    async stage(changes) {
      await refresh();
      const generation = now.generation + 1;
      const counters = [...now.counters];
      const parts = [...now.parts];
      for (const change of changes) apply(parts, counters, generation, change);
      const touched = isOnDisk ? new Set(changes.map((change) => partOf(nameOf(change)))) : parts.keys();
      const meta = new Map<string, unknown>();
      for (const part of touched) {
        counters[part] = generation;
        const header = headerOf(partName(part), generation);
        meta.set(partName(part), await codec.seal(header, [...(parts[part] ?? new Map())]));
      }
      meta.set(ROOT, { generation, body: await codec.seal(headerOf(ROOT, generation), counters) });
      return {
        meta,
        done() {
          now = { generation, counters, parts };
          anchor.write(generation);
        },
      };
    },
    async check({ kind, id, sequence }) {
      const name = nameOf({ kind, id });
      const isLast = () => now.parts[partOf(name)]?.get(name) === sequence;
      if (isLast()) return;
      await refresh();
      if (!isLast()) throw damaged(`A record "${kind}" is not the one that was written last.`);
    },
    countMissing(names) {
      let count = 0;
      for (const part of now.parts) for (const name of part.keys()) if (!names.has(name)) count += 1;
      return count;
    },
  };
}

/** Copies a part before it changes: a write that fails leaves the ledger as it was. */
function apply(parts: Entries[], counters: number[], generation: number, change: LedgerChange): void {
  const name = nameOf(change);
  const part = partOf(name);
  let entries = parts[part] ?? new Map();
  if (counters[part] !== generation) {
    entries = new Map(entries);
    parts[part] = entries;
    counters[part] = generation;
  }
  if (change.sequence === null) entries.delete(name);
  else entries.set(name, change.sequence);
}

async function load(records: Pick<IdbRecordStore, 'readMeta'>, codec: RecordCodec): Promise<Loaded> {
  const root = (await records.readMeta(ROOT)) as { readonly generation?: unknown; readonly body?: unknown } | undefined;
  const generation = root?.generation;
  if (typeof generation !== 'number') throw damaged('The list of what the vault holds is missing.');
  const counters = (await codec.open(headerOf(ROOT, generation), root?.body)) as readonly number[];
  const parts = await Promise.all(
    counters.map(async (counter, part) => {
      const body = await records.readMeta(partName(part));
      return new Map((await codec.open(headerOf(partName(part), counter), body)) as [string, number][]);
    }),
  );
  return { generation, counters, parts };
}

function emptyParts(): readonly Entries[] {
  return Array.from({ length: PARTS }, () => new Map<string, number>());
}

function headerOf(id: string, sequence: number): RecordHeader {
  return { kind: ROOT, id, parent: '', version: 1, sequence };
}

function partOf(name: string): number {
  return fnv1a(name) % PARTS;
}

function damaged(message: string): SottoError {
  return new SottoError('vault-damaged', message);
}
