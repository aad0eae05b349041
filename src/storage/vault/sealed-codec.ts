import { SottoError } from '../../shared/index.ts';
import type { RecordCodec, RecordHeader } from '../records/index.ts';
import { fromBase64, toBase64 } from './base64.ts';

/** A value as it lies on the disk when the vault is on. */
interface Sealed {
  readonly sealed: 1;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

function isSealed(body: unknown): body is Sealed {
  const { sealed, iv, data } = (body ?? {}) as Partial<Sealed>;
  return sealed === 1 && iv instanceof Uint8Array && data instanceof Uint8Array;
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
      const bytes = new TextEncoder().encode(JSON.stringify(value, encodeNumbers));
      const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: boundTo(header) }, key, bytes);
      return { sealed: 1, iv, data: new Uint8Array(data) } satisfies Sealed;
    },
    async open(header, body) {
      if (!isSealed(body)) {
        if (takesPlain) return body;
        throw new SottoError('vault-damaged', `The record "${header.kind}" was put there without the vault.`);
      }
      let bytes: ArrayBuffer;
      try {
        const algorithm = { name: 'AES-GCM', iv: body.iv, additionalData: boundTo(header) };
        bytes = await crypto.subtle.decrypt(algorithm, key, body.data);
      } catch (error) {
        throw new SottoError('vault-damaged', `A record "${header.kind}" was changed or moved on the disk.`, {
          cause: error,
        });
      }
      return JSON.parse(new TextDecoder().decode(bytes), decodeNumbers) as unknown;
    },
  };
}

/** Stands in while the vault is locked: nothing is read and nothing is written. */
export const LOCKED_CODEC: RecordCodec = {
  seal: () => Promise.reject(locked()),
  open: () => Promise.reject(locked()),
};

function locked(): SottoError {
  return new SottoError('vault-locked', 'The vault is locked.');
}

function boundTo({ kind, id, parent, version, sequence }: RecordHeader): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(['sotto-record', kind, id, parent, version, sequence]));
}

/** JSON has no vectors: they go as base64, marked. */
function encodeNumbers(_name: string, value: unknown): unknown {
  if (!(value instanceof Float32Array)) return value;
  return { $float32: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
}

function decodeNumbers(_name: string, value: unknown): unknown {
  const encoded = (value as { readonly $float32?: unknown } | null)?.$float32;
  return typeof encoded === 'string' ? new Float32Array(fromBase64(encoded).buffer) : value;
}
