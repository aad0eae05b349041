import { toHex } from '../../../shared/index.ts';
import type { WeightPlan } from '../weight-record.ts';

/** A model of a few chunks for tests: its bytes, and the plan that pins them. */
export interface SampleModel {
  readonly plan: WeightPlan;
  readonly bytes: Uint8Array<ArrayBuffer>;
  chunk(index: number): Uint8Array<ArrayBuffer>;
}

/** Bytes that look random and are the same in every run; `seed` makes another model. */
export async function sampleModel(
  options: { readonly id?: string; readonly size?: number; readonly chunkBytes?: number; readonly seed?: number } = {},
): Promise<SampleModel> {
  const { id = 'sample', size = 4500, chunkBytes = 1000, seed = 1 } = options;
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  bytes.set(new TextEncoder().encode('GGUF'));
  const chunk = (index: number) => bytes.slice(index * chunkBytes, (index + 1) * chunkBytes);
  const hashes: string[] = [];
  for (let index = 0; index * chunkBytes < size; index++) hashes.push(await sha256Hex(chunk(index)));
  const plan = { id, name: `Sample ${id}`, size, chunkBytes, chunks: hashes, manifestText: '{}' };
  return { plan, bytes, chunk };
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
