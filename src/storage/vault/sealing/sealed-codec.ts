import { SottoError } from '../../../shared/index.ts';
import type { RecordCodec, RecordHeader } from '../../records/index.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** A value as it lies on the disk when the vault is on. */
interface Sealed {
  /** 1: a value as JSON. 2: bytes as they are, for pages too large to be spelled out. */
  readonly sealed: 1 | 2;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

function isSealed(body: unknown): body is Sealed {
  const { sealed, iv, data } = (body ?? {}) as Partial<Sealed>;
  return (sealed === 1 || sealed === 2) && iv instanceof Uint8Array && data instanceof Uint8Array;
}

/**
 * AES-256-GCM with a fresh 12-byte IV for every write. The header goes into the authenticated data, so a body opens only in
 * its own record and its own version of it.
 * @param takesPlain while a vault is being switched on or off, records of both kinds lie side by side
 */
export function createSealedCodec(key: CryptoKey, takesPlain: boolean): RecordCodec {
  return {
    async seal(header, value) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = value instanceof Uint8Array ? 2 : 1;
      const bytes =
        value instanceof Uint8Array
          ? (value as Uint8Array<ArrayBuffer>)
          : new TextEncoder().encode(JSON.stringify(value, encodeNumbers));
      const algorithm = { name: 'AES-GCM', iv, additionalData: boundTo(header, sealed) };
      const data = await crypto.subtle.encrypt(algorithm, key, bytes);
      return { sealed, iv, data: new Uint8Array(data) } satisfies Sealed;
    },
    async open(header, body) {
      if (!isSealed(body)) {
        if (takesPlain) return body;
        throw new SottoError('vault-damaged', `The record "${header.kind}" was put there without the vault.`);
      }
      let bytes: ArrayBuffer;
      try {
        const algorithm = { name: 'AES-GCM', iv: body.iv, additionalData: boundTo(header, body.sealed) };
        bytes = await crypto.subtle.decrypt(algorithm, key, body.data);
      } catch (error) {
        throw new SottoError('vault-damaged', `A record "${header.kind}" was changed or moved on the disk.`, {
          cause: error,
        });
      }
      if (body.sealed === 2) return new Uint8Array(bytes);
      return JSON.parse(new TextDecoder().decode(bytes), decodeNumbers) as unknown;
    },
  };
}

function boundTo(
  { kind, id, parent, version, sequence }: RecordHeader,
  sealed: Sealed['sealed'],
): Uint8Array<ArrayBuffer> {
  const form = sealed === 1 ? [] : ['bytes'];
  return new TextEncoder().encode(JSON.stringify(['sotto-record', kind, id, parent, version, sequence, ...form]));
}

/** JSON has no vectors: they go as base64, marked. */
function encodeNumbers(_name: string, value: unknown): unknown {
  if (!(value instanceof Float32Array || value instanceof Int32Array)) return value;
  const text = toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  return value instanceof Float32Array ? { $float32: text } : { $int32: text };
}

function decodeNumbers(_name: string, value: unknown): unknown {
  const { $float32, $int32 } = (value ?? {}) as { readonly $float32?: unknown; readonly $int32?: unknown };
  if (typeof $float32 === 'string') return new Float32Array(fromBase64($float32).buffer);
  return typeof $int32 === 'string' ? new Int32Array(fromBase64($int32).buffer) : value;
}
