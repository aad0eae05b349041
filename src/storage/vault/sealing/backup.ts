import { Fields, SottoError } from '../../../shared/index.ts';
import type { RecordChange, RecordHeader, StoredRecord } from '../../records/index.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { createKey, openKey, readHeader } from './passphrase.ts';
import { createSealedCodec } from './sealed-codec.ts';

const FORMAT = 'sotto-backup';
const VERSION = 1;
const MOST_BYTES = 512 * 2 ** 20;

/** Everything in one file that only the passphrase opens, in the way the vault seals records. */
export async function createBackup(records: readonly StoredRecord[], passphrase: string): Promise<string> {
  const { header, key } = await createKey(passphrase, 'sealed');
  const codec = createSealedCodec(key, false);
  const rows = await Promise.all(
    records.map(async ({ value, ...record }) => {
      const { iv, data } = (await codec.seal(record, value)) as { iv: Uint8Array; data: Uint8Array };
      return { ...record, iv: toBase64(iv), data: toBase64(data) };
    }),
  );
  return JSON.stringify({ format: FORMAT, version: VERSION, header, rows });
}

/** What a backup holds, all of it opened, or nothing: rejects with `passphrase-wrong`, `vault-damaged` or `record-newer`. */
export async function readBackup(file: Blob, passphrase: string): Promise<readonly RecordChange[]> {
  if (file.size > MOST_BYTES) throw new SottoError('vault-damaged', 'The file is larger than any backup.');
  const fail = (message: string): never => {
    throw new SottoError('vault-damaged', message);
  };
  const fields = new Fields(parse(await file.text()), 'backup', fail);
  if (fields.raw('format') !== FORMAT) fail('The file is no backup of Sotto.');
  if (fields.integer('version') > VERSION) throw new SottoError('record-newer', 'A newer version made this backup.');
  const codec = createSealedCodec(await openKey(readHeader(fields.raw('header')), passphrase), false);
  const rows = fields.raw('rows');
  if (!Array.isArray(rows)) return fail('The backup holds no records.');
  return Promise.all(
    rows.map(async (row) => {
      const read = new Fields(row, 'row', fail);
      const header: RecordHeader = {
        kind: read.text('kind', { limit: 100 }),
        id: read.text('id', { limit: 200 }),
        parent: read.text('parent', { limit: 200 }),
        version: read.integer('version'),
        sequence: read.integer('sequence'),
      };
      const limit = MOST_BYTES;
      const body = { sealed: 1, iv: bytes(read.text('iv')), data: bytes(read.text('data', { limit })) };
      return { ...header, value: await codec.open(header, body) };
    }),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SottoError('vault-damaged', 'The file is no backup of Sotto.', { cause: error });
  }
}

function bytes(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch (error) {
    throw new SottoError('vault-damaged', 'The backup was changed.', { cause: error });
  }
}
