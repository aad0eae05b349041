import { Fields, SottoError } from '../../shared/index.ts';

/** Raised when the stored shape changes. A record of a higher number is left alone: an older tab must not rewrite it. */
export const RECORD_VERSION = 2;

/** The hash of a chunk that nobody has published: it is pinned to the first bytes that are stored. */
export const UNKNOWN_HASH = '';

/** What a model file consists of, as its manifest pins it. */
export interface WeightPlan {
  /** Also the key in the store. */
  readonly id: string;
  readonly name: string;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Bytes a chunk; the last may be shorter. */
  readonly chunkBytes: number;
  /** SHA-256 of each chunk, lower-case hexadecimal; `UNKNOWN_HASH` where it is not known beforehand. */
  readonly chunks: readonly string[];
  /** The manifest's own text, so that a stored model can be described without the network. */
  readonly manifestText: string;
}

/** A plan and how much of it is stored. */
export interface WeightRecord extends WeightPlan {
  readonly recordVersion: typeof RECORD_VERSION;
  /** One flag a chunk. */
  readonly stored: readonly boolean[];
  /** False while hashes are still being pinned: such a model is not complete, whatever is stored of it. */
  readonly isSealed: boolean;
  /** When it was last used: milliseconds since 1970, never lower than that of a model used before it; 0 for never. */
  readonly usedAt: number;
}

const ID = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const SHA256_OR_UNKNOWN = /^([0-9a-f]{64})?$/;
const MOST_CHUNKS = 2 ** 16;
const MOST_CHUNK_BYTES = 64 * 2 ** 20;
const MOST_MANIFEST_UNITS = 8 * 2 ** 20;

/** True for ids that may name a model in the store. */
export function isModelId(id: string): boolean {
  return ID.test(id);
}

/** A fresh record of a plan, with nothing stored. Throws `storage-failed` for a plan that contradicts itself. */
export function recordOf(plan: WeightPlan): WeightRecord {
  return readRecord({
    ...plan,
    recordVersion: RECORD_VERSION,
    stored: plan.chunks.map(() => false),
    isSealed: !plan.chunks.includes(UNKNOWN_HASH),
    usedAt: 0,
  });
}

/**
 * Rebuilds a record from what the disk gave, field by field.
 * Throws `record-newer` for one of a later version, `storage-failed` for one that is malformed.
 */
export function readRecord(value: unknown): WeightRecord {
  const fail = (message: string): never => {
    throw new SottoError('storage-failed', message);
  };
  const fields = new Fields(value, 'record', fail);
  const version = fields.integer('recordVersion', { least: 1 });
  if (version > RECORD_VERSION) {
    throw new SottoError('record-newer', `A stored model has record version ${version}; this is ${RECORD_VERSION}.`);
  }
  const size = fields.integer('size', { least: 1 });
  const chunkBytes = fields.integer('chunkBytes', { least: 1, most: MOST_CHUNK_BYTES });
  // Version 1 knew neither of the two: every model was published.
  const isSealed = version === 1 ? true : fields.raw('isSealed');
  if (typeof isSealed !== 'boolean') return fail('record.isSealed is missing or wrong.');
  const chunks = fields.texts('chunks', { pattern: isSealed ? SHA256 : SHA256_OR_UNKNOWN, limit: MOST_CHUNKS });
  if (chunks.length !== Math.ceil(size / chunkBytes)) fail('record.chunks does not add up to record.size.');
  const stored = fields.raw('stored');
  if (!Array.isArray(stored) || stored.length !== chunks.length || !stored.every((flag) => typeof flag === 'boolean')) {
    return fail('record.stored does not match record.chunks.');
  }
  return {
    recordVersion: RECORD_VERSION,
    id: fields.text('id', { pattern: ID }),
    name: fields.text('name', { limit: 200 }),
    size,
    chunkBytes,
    chunks,
    manifestText: fields.text('manifestText', { limit: MOST_MANIFEST_UNITS }),
    stored: stored.map((flag: boolean) => flag),
    isSealed,
    usedAt: version === 1 ? 0 : fields.integer('usedAt'),
  };
}

/** Bytes of a chunk of the plan. */
export function chunkLength(plan: WeightPlan, chunk: number): number {
  return Math.min(plan.chunkBytes, plan.size - chunk * plan.chunkBytes);
}

/** Bytes that are stored. */
export function storedBytes(record: WeightRecord): number {
  return record.stored.reduce((sum, isStored, chunk) => sum + (isStored ? chunkLength(record, chunk) : 0), 0);
}

/** True when every chunk is stored, and every hash is settled. */
export function isComplete(record: WeightRecord): boolean {
  return record.isSealed && record.stored.every(Boolean);
}
