import { Fields, SottoError, toHex } from '../../shared/index.ts';
import {
  type KnowledgePackFile,
  PACK_MAGIC,
  type PackDocument,
  type PackHeader,
  type PackPassage,
} from './pack-types.ts';

/** CWE-1284, CWE-789: what a pack says of itself is not believed beyond these. */
const MOST_HEADER_BYTES = 16 * 2 ** 20;
const MOST_PASSAGES = 200_000;
const MOST_DOCUMENTS = 50_000;
const MOST_DIMENSIONS = 4_096;
const MOST_TEXT = 20_000;

function fail(message: string): never {
  throw new SottoError('knowledge-invalid', message);
}

/**
 * Bytes → a pack whose body is what its header says. Whether the header is signed, and by whom, is the caller's question.
 * Rejects with `knowledge-invalid`, and `record-newer` for a later version.
 */
export async function readPack(bytes: Uint8Array<ArrayBuffer>): Promise<KnowledgePackFile> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || ascii(bytes.subarray(0, 8)) !== PACK_MAGIC) fail('This is no knowledge pack.');
  const headerBytes = view.getUint32(8, true);
  if (headerBytes > MOST_HEADER_BYTES || 12 + headerBytes > bytes.length) fail('The pack ends within its header.');
  const rawHeader = json(bytes.subarray(12, 12 + headerBytes), 'The header');
  const header = readHeader(rawHeader);
  const body = bytes.subarray(12 + headerBytes);
  const stride = 4 + header.dimensions;
  const vectorBytes = header.model === null ? 0 : header.passages * stride;
  if (body.length !== header.passageBytes + vectorBytes) fail('The pack has another length than its header says.');
  if (toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', body))) !== header.bodySha256)
    fail('The pack was changed or damaged.');
  const passages = readPassages(json(body.subarray(0, header.passageBytes), 'The passages'), header);
  const vectors = header.model === null ? null : readVectors(body.subarray(header.passageBytes), header);
  return { header, rawHeader: rawHeader as Readonly<Record<string, unknown>>, passages, vectors };
}

function readHeader(value: unknown): PackHeader {
  const fields = new Fields(value, 'header', fail);
  const version = fields.integer('packVersion', { least: 1 });
  if (version !== 1) throw new SottoError('record-newer', `The pack has version ${version}; this app reads version 1.`);
  const documents = fields.raw('documents');
  if (!Array.isArray(documents) || documents.length > MOST_DOCUMENTS)
    return fail('header.documents is missing or wrong.');
  const signature = fields.raw('signature');
  const model = fields.raw('model');
  return {
    packVersion: 1,
    name: fields.text('name', { limit: 200 }),
    version: fields.text('version', { limit: 100 }),
    model: model === null ? null : fields.text('model', { limit: 100, pattern: /./ }),
    dimensions: fields.integer('dimensions', { most: MOST_DIMENSIONS }),
    documents: documents.map(readDocument),
    passageBytes: fields.integer('passageBytes'),
    passages: fields.integer('passages', { most: MOST_PASSAGES }),
    bodySha256: fields.text('bodySha256', { pattern: /^[0-9a-f]{64}$/ }),
    ...(signature === undefined ? {} : { signature: readSignature(fields.object('signature')) }),
  };
}

function readSignature(fields: Fields): NonNullable<PackHeader['signature']> {
  fields.text('algorithm', { pattern: /^Ed25519$/ });
  return {
    algorithm: 'Ed25519',
    publicKey: fields.text('publicKey', { pattern: /^[A-Za-z0-9_-]{43}$/ }),
    value: fields.text('value', { pattern: /^[A-Za-z0-9_-]{86}$/ }),
  };
}

function readDocument(value: unknown, index: number): PackDocument {
  const fields = new Fields(value, `header.documents[${index}]`, fail);
  const url = fields.raw('url');
  // Script and data addresses end here: a citation leads to a page or nowhere.
  const isPage = url === null || (URL.canParse(String(url)) && /^https?:$/.test(new URL(String(url)).protocol));
  if (!isPage) return fail(`header.documents[${index}].url is no address of a page.`);
  return {
    id: fields.text('id', { limit: 200, pattern: /./ }),
    title: fields.text('title', { limit: 500 }),
    url: url === null ? null : fields.text('url', { limit: 2_000 }),
  };
}

function readPassages(value: unknown, header: PackHeader): readonly PackPassage[] {
  if (!Array.isArray(value) || value.length !== header.passages)
    return fail('The pack has other passages than its header says.');
  return value.map((item: unknown, index) => {
    const fields = new Fields(item, `passages[${index}]`, fail);
    const page = fields.raw('page');
    return {
      document: fields.integer('document', { most: header.documents.length - 1 }),
      text: fields.text('text', { limit: MOST_TEXT }),
      page: page === null ? null : fields.integer('page'),
      headings: fields.texts('headings', { limit: 20 }),
    };
  });
}

/** Signed bytes and a scale → unit vectors. */
function readVectors(bytes: Uint8Array, { passages, dimensions }: PackHeader): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vectors = new Float32Array(passages * dimensions);
  for (let row = 0; row < passages; row++) {
    const start = row * (4 + dimensions);
    const scale = view.getFloat32(start, true);
    let squares = 0;
    for (let column = 0; column < dimensions; column++) {
      const value = scale * view.getInt8(start + 4 + column);
      vectors[row * dimensions + column] = value;
      squares += value * value;
    }
    const length = Math.sqrt(squares);
    if (!Number.isFinite(length)) fail('A vector of the pack is no vector.');
    if (length === 0) continue;
    for (let column = 0; column < dimensions; column++) {
      vectors[row * dimensions + column] = (vectors[row * dimensions + column] ?? 0) / length;
    }
  }
  return vectors;
}

function json(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new SottoError('knowledge-invalid', `${what} of the pack cannot be read.`, { cause: error });
  }
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
