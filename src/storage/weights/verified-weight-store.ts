import { SottoError, toHex } from '../../shared/index.ts';
import type { WeightMedium, WeightMediumKind } from './weight-medium.ts';
import {
  chunkLength,
  RECORD_VERSION,
  readRecord,
  recordOf,
  storedBytes,
  UNKNOWN_HASH,
  type WeightPlan,
  type WeightRecord,
} from './weight-record.ts';
import type { WeightStore } from './weight-store.ts';

/** A `WeightStore` over any medium: trusts neither the bytes it is given nor the bytes it gets back. */
export class VerifiedWeightStore implements WeightStore {
  readonly #medium: WeightMedium;

  constructor(medium: WeightMedium) {
    this.#medium = medium;
  }

  get medium(): WeightMediumKind {
    return this.#medium.kind;
  }

  mediumOf(): Promise<WeightMediumKind> {
    return Promise.resolve(this.#medium.kind);
  }

  async list(): Promise<readonly WeightRecord[]> {
    const records: WeightRecord[] = [];
    for (const [modelId, value] of await this.#medium.records()) {
      try {
        const record = validOrAbsent(value, modelId);
        if (record !== undefined) records.push(record);
      } catch {
        // Newer: one record that is not ours to read must not hide the others.
      }
    }
    return records;
  }

  async record(modelId: string): Promise<WeightRecord | undefined> {
    return validOrAbsent(await this.#medium.record(modelId), modelId);
  }

  async prepare(plan: WeightPlan): Promise<WeightRecord> {
    const fresh = recordOf(plan);
    let prepared = fresh;
    await this.#medium.update(plan.id, (value) => {
      const before = validOrAbsent(value, plan.id);
      if (before === undefined) return { record: fresh, deleteChunks: 'all' };
      const isSameCut = before.chunkBytes === plan.chunkBytes && before.size === plan.size;
      const stored = plan.chunks.map(
        (sha256, chunk) =>
          isSameCut && before.stored[chunk] === true && (before.chunks[chunk] === sha256 || sha256 === UNKNOWN_HASH),
      );
      const chunks = plan.chunks.map((sha256, chunk) =>
        sha256 === UNKNOWN_HASH && stored[chunk] ? (before.chunks[chunk] ?? sha256) : sha256,
      );
      prepared = { ...fresh, chunks, stored, usedAt: before.usedAt };
      const stale = before.chunks.flatMap((_, chunk) => (before.stored[chunk] && !stored[chunk] ? [chunk] : []));
      return { record: prepared, deleteChunks: stale };
    });
    return prepared;
  }

  async putChunk(modelId: string, chunk: number, bytes: Uint8Array): Promise<WeightRecord | undefined> {
    // A view would be cloned with the whole buffer behind it.
    const own = bytes.byteLength === bytes.buffer.byteLength ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
    const sha256 = await sha256Of(own);
    let written: WeightRecord | undefined;
    let neededBytes = own.byteLength;
    const write = this.#medium.update(modelId, (value) => {
      written = undefined;
      const before = validOrAbsent(value, modelId);
      if (before === undefined) return undefined;
      neededBytes = before.size - storedBytes(before);
      const isPinnedNow = before.chunks[chunk] === UNKNOWN_HASH && own.byteLength === chunkLength(before, chunk);
      if (before.chunks[chunk] !== sha256 && !isPinnedNow) {
        throw new SottoError('hash-mismatch', `Piece ${chunk} of "${modelId}" is not the published one.`, {
          details: { modelId, chunk },
        });
      }
      written = {
        ...before,
        chunks: isPinnedNow ? before.chunks.with(chunk, sha256) : before.chunks,
        stored: before.stored.map((isStored, index) => isStored || index === chunk),
      };
      return { record: written, putChunk: { chunk, bytes: own } };
    });
    await write.catch((error: unknown) => {
      throw withNeededBytes(error, neededBytes);
    });
    return written;
  }

  async readChunk(plan: WeightPlan, chunk: number, buffer?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
    const value = await this.#medium.chunk(plan.id, chunk, buffer);
    if (!isBytes(value)) throw chunkCorrupt(plan.id, chunk, 'is missing');
    if (value.byteLength !== chunkLength(plan, chunk) || (await sha256Of(value)) !== plan.chunks[chunk]) {
      throw chunkCorrupt(plan.id, chunk, 'changed on disk');
    }
    return value;
  }

  async dropChunks(modelId: string, chunks: readonly number[]): Promise<WeightRecord | undefined> {
    let written: WeightRecord | undefined;
    await this.#medium.update(modelId, (value) => {
      written = undefined;
      const before = validOrAbsent(value, modelId);
      if (before === undefined) return undefined;
      written = { ...before, stored: before.stored.map((isStored, index) => isStored && !chunks.includes(index)) };
      return { record: written, deleteChunks: chunks };
    });
    return written;
  }

  async seal(modelId: string, name: string, manifestText: string): Promise<WeightRecord | undefined> {
    let written: WeightRecord | undefined;
    await this.#medium.update(modelId, (value) => {
      written = undefined;
      const before = validOrAbsent(value, modelId);
      if (before === undefined) return undefined;
      const missing = before.stored.indexOf(false);
      if (missing !== -1) throw chunkCorrupt(modelId, missing, 'is missing');
      written = readRecord({ ...before, recordVersion: RECORD_VERSION, name, manifestText, isSealed: true });
      return { record: written };
    });
    return written;
  }

  async touch(modelId: string): Promise<void> {
    const others = await this.list();
    // A clock that was set back must not make the newest model the oldest.
    const now = Math.max(Date.now(), ...others.map(({ usedAt }) => usedAt + 1));
    await this.#medium.update(modelId, (value) => {
      const before = validOrAbsent(value, modelId);
      return before === undefined ? undefined : { record: { ...before, usedAt: now } };
    });
  }

  remove(modelId: string): Promise<void> {
    return this.#medium.update(modelId, () => ({ record: null, deleteChunks: 'all' }));
  }

  close(): void {
    this.#medium.close();
  }
}

/** What a reader of chunks throws; the message names the model, for a person who is offline and must choose. */
export function chunkCorrupt(modelId: string, chunk: number, what: string, cause?: unknown): SottoError {
  return new SottoError('chunk-corrupt', `Piece ${chunk} of the stored model "${modelId}" ${what}.`, {
    cause,
    details: { modelId, chunk },
  });
}

/** A person who is told that storage is full wants to know how much the whole model still needs. */
function withNeededBytes(error: unknown, neededBytes: number): unknown {
  if (!SottoError.isInstance(error) || error.code !== 'storage-full') return error;
  return new SottoError(error.code, error.message, { cause: error.cause, details: { ...error.details, neededBytes } });
}

function validOrAbsent(value: unknown, modelId: string): WeightRecord | undefined {
  if (value === undefined) return undefined;
  try {
    const record = readRecord(value);
    return record.id === modelId ? record : undefined;
  } catch (error) {
    if (SottoError.isInstance(error) && error.code === 'record-newer') throw error;
    return undefined;
  }
}

function isBytes(value: unknown): value is Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array;
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
