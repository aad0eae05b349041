import { toHex } from '../../shared/index.ts';
import { PACK_MAGIC, type PackDocument, type PackHeader, type PackPassage, type PackSignature } from './pack-types.ts';

export interface PackContent {
  readonly name: string;
  readonly version: string;
  readonly documents: readonly PackDocument[];
  readonly passages: readonly PackPassage[];
  /** Unit vectors, passages × dimensions, and the model that made them; null: searched by words only. */
  readonly vectors: { readonly model: string; readonly values: Float32Array; readonly dimensions: number } | null;
}

/**
 * A pack → its bytes; the same content gives the same bytes.
 *
 * @param sign Makes the signature of a header; absent: the pack is not signed.
 */
export async function writePack(
  { name, version, documents, passages, vectors }: PackContent,
  sign?: (header: Readonly<Record<string, unknown>>) => PackSignature,
): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const text = encoder.encode(JSON.stringify(passages));
  const numbers = vectors === null ? new Uint8Array(0) : vectorBytes(vectors.values, vectors.dimensions);
  const body = joined([text, numbers]);
  const unsigned: PackHeader = {
    packVersion: 1,
    name,
    version,
    model: vectors?.model ?? null,
    dimensions: vectors?.dimensions ?? 0,
    documents,
    passageBytes: text.length,
    passages: passages.length,
    bodySha256: toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', body))),
  };
  const header = sign === undefined ? unsigned : { ...unsigned, signature: sign({ ...unsigned }) };
  const headerBytes = encoder.encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, headerBytes.length, true);
  return joined([encoder.encode(PACK_MAGIC), length, headerBytes, body]);
}

/** For each vector its scale and one signed byte a value: a quarter of the size, and a cosine that differs in the third digit. */
function vectorBytes(values: Float32Array, dimensions: number): Uint8Array {
  const rows = dimensions === 0 ? 0 : values.length / dimensions;
  const bytes = new Uint8Array(rows * (4 + dimensions));
  const view = new DataView(bytes.buffer);
  for (let row = 0; row < rows; row++) {
    const vector = values.subarray(row * dimensions, (row + 1) * dimensions);
    const scale = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1;
    const start = row * (4 + dimensions);
    view.setFloat32(start, scale, true);
    vector.forEach((value, column) => {
      view.setInt8(start + 4 + column, Math.round(value / scale));
    });
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
