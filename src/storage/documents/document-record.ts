import type { Chunk } from '../../protocol/index.ts';
import { Fields, SottoError } from '../../shared/index.ts';

export const DOCUMENT_VERSION = 1;

/** What is known of a document without its text. */
export interface StoredDocument {
  readonly id: string;
  readonly name: string;
  readonly collection: string;
  readonly bytes: number;
  /** SHA-256 of the file: the same file is not read twice. */
  readonly hash: string;
  readonly addedAt: number;
  readonly pages: number | null;
  readonly chunks: number;
  readonly hiddenCharacters: number;
  readonly isCutShort: boolean;
}

/** Unit vectors of a document's passages, by one model. */
export interface StoredVectors {
  readonly modelId: string;
  readonly dimensions: number;
  readonly values: Float32Array;
}

const MOST_CHUNKS = 200_000;

function fail(message: string): never {
  throw new SottoError('storage-failed', message);
}

export function readDocument(value: unknown): StoredDocument {
  const fields = new Fields(value, 'document', fail);
  const pages = fields.raw('pages');
  return {
    id: fields.text('id', { limit: 100 }),
    name: fields.text('name', { limit: 1000 }),
    collection: fields.text('collection', { limit: 200 }),
    bytes: fields.integer('bytes'),
    hash: fields.text('hash', { limit: 64 }),
    addedAt: fields.number('addedAt'),
    pages: pages === null ? null : fields.integer('pages'),
    chunks: fields.integer('chunks'),
    hiddenCharacters: fields.integer('hiddenCharacters'),
    isCutShort: fields.raw('isCutShort') === true,
  };
}

export function readChunks(value: unknown): readonly Chunk[] {
  if (!Array.isArray(value) || value.length > MOST_CHUNKS) return fail('The chunks are no list.');
  return value.map((chunk) => {
    const fields = new Fields(chunk, 'chunk', fail);
    return {
      index: fields.integer('index'),
      text: fields.text('text', { limit: 100_000 }),
      page: fields.raw('page') === null ? null : fields.integer('page'),
      headings: fields.texts('headings', { limit: 100 }),
    };
  });
}

export function readVectors(value: unknown): StoredVectors {
  const fields = new Fields(value, 'vectors', fail);
  const values = fields.raw('values');
  const dimensions = fields.integer('dimensions', { least: 1, most: 8192 });
  if (!(values instanceof Float32Array) || values.length % dimensions !== 0) return fail('The values are no vectors.');
  return { modelId: fields.text('modelId', { limit: 200 }), dimensions, values };
}
