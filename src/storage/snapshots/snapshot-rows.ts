import type { DBSchema } from 'idb';
import { Fields, SottoError, toHex } from '../../shared/index.ts';
import type { RecordHeader } from '../records/index.ts';

/** Raised when the rows below change shape; rows of another version are ignored, being a cache. */
const ROW_VERSION = 1;

const MOST_TOKENS = 2 ** 24;
const MOST_PAGES = 2 ** 18;
const SHA256 = /^[0-9a-f]{64}$/;

export interface SnapshotSchema extends DBSchema {
  heads: { key: string; value: unknown };
  bodies: { key: string; value: unknown };
}

/** What is known without a key. */
export interface HeadRow {
  readonly version: typeof ROW_VERSION;
  readonly id: string;
  readonly binding: string;
  readonly tokenCount: number;
  readonly bytes: number;
  readonly createdAt: number;
  /** Grows with every use of any snapshot: order without a clock. */
  readonly lastUse: number;
  /** `HeadText`, sealed. */
  readonly sealed: unknown;
}

/** What tells of the text. */
export interface HeadText {
  readonly name: string;
  readonly model: string;
  readonly tokens: Int32Array;
  /** SHA-256 of each page. */
  readonly pageHashes: readonly string[];
}

export type NewHead = Omit<HeadRow, 'version'>;

export function headRow(head: NewHead): HeadRow {
  return { version: ROW_VERSION, ...head };
}

/** A row rebuilt field by field, or undefined for one that is malformed or of another version. */
export function readHead(value: unknown): HeadRow | undefined {
  try {
    const fields = new Fields(value, 'snapshot', damaged);
    if (fields.integer('version') !== ROW_VERSION) return undefined;
    return headRow({
      id: fields.text('id', { pattern: SHA256 }),
      binding: fields.text('binding', { limit: 200 }),
      tokenCount: fields.integer('tokenCount', { least: 1, most: MOST_TOKENS }),
      bytes: fields.integer('bytes'),
      createdAt: fields.number('createdAt'),
      lastUse: fields.integer('lastUse'),
      sealed: fields.raw('sealed'),
    });
  } catch {
    return undefined;
  }
}

/** Rejects with `snapshot-damaged`. */
export function readHeadText(value: unknown, { tokenCount }: HeadRow): HeadText {
  const fields = new Fields(value, 'snapshot', damaged);
  const tokens = fields.raw('tokens');
  if (!(tokens instanceof Int32Array) || tokens.length !== tokenCount) return damaged('Its tokens are not there.');
  return {
    name: fields.text('name', { limit: 200 }),
    model: fields.text('model', { limit: 200 }),
    tokens,
    pageHashes: fields.texts('pageHashes', { pattern: SHA256, limit: MOST_PAGES }),
  };
}

/** What a codec binds sealed values to: part 0 is the head's text, part `i + 1` page `i`. */
export function sealHeader(id: string, binding: string, part: number): RecordHeader {
  return { kind: 'snapshot', id: `${id}:${part}`, parent: binding, version: ROW_VERSION, sequence: 0 };
}

/** One id for one text under one binding, so that saving twice replaces. */
export async function snapshotId(binding: string, tokens: Int32Array): Promise<string> {
  const head = new TextEncoder().encode(`${binding}\0`);
  const bytes = new Uint8Array(head.length + tokens.byteLength);
  bytes.set(head);
  bytes.set(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength), head.length);
  return sha256(bytes);
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)));
}

export function damaged(reason: string): never {
  throw new SottoError('snapshot-damaged', `A saved session cannot be used. ${reason}`);
}
