import type { ExpertArtefact, LabelledRow } from '../../protocol/index.ts';
import { Fields, SottoError, toHex } from '../../shared/index.ts';
import { bucketCount } from './features.ts';
import type { LinearHead } from './linear-head.ts';

/** A loaded expert: its artefact, and the numbers in it as arrays. */
export interface LoadedExpert {
  readonly artefact: ExpertArtefact;
  readonly head: LinearHead;
  readonly centroids: Float32Array;
}

const MOST_LABELS = 200;
const MOST_BUCKETS = 65_000;

export function encodeFloats(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

function decodeFloats(text: string, length: number, what: string): Float32Array {
  let decoded: string;
  try {
    decoded = atob(text);
  } catch (cause) {
    throw new SottoError('expert-invalid', `The ${what} of the expert are no base64.`, { cause });
  }
  if (decoded.length !== length * 4) {
    throw new SottoError(
      'expert-invalid',
      `The ${what} of the expert have ${decoded.length} bytes, not ${length * 4}.`,
    );
  }
  const values = new Float32Array(Uint8Array.from(decoded, (letter) => letter.charCodeAt(0)).buffer);
  if (!values.every(Number.isFinite)) {
    throw new SottoError('expert-invalid', `The ${what} of the expert are not all numbers.`);
  }
  return values;
}

/** Checks an artefact from outside and makes its numbers usable. Throws `expert-invalid`, `record-newer`. */
export function openExpert(value: unknown): LoadedExpert {
  const fail = (message: string): never => {
    throw new SottoError('expert-invalid', message);
  };
  const fields = new Fields(value, 'expert', fail);
  const version = fields.integer('expertVersion', { least: 1 });
  if (version !== 1)
    throw new SottoError('record-newer', `The expert has version ${version}; this app reads version 1.`);
  const labels = fields.texts('labels', { limit: MOST_LABELS });
  if (labels.length < 2 || new Set(labels).size !== labels.length)
    fail('expert.labels must be two or more, all different.');
  const embedding = fields.object('embedding');
  const dense = embedding.integer('dimensions', { least: 1, most: 8192 });
  embedding.text('hash', { pattern: /^[0-9a-f]{64}$/ });
  const settings = fields.object('settings');
  const buckets = bucketCount(settings.integer('ngramBuckets', { least: 0, most: MOST_BUCKETS }));
  if (settings.raw('ngramWeight') !== undefined) settings.number('ngramWeight', { least: 0, most: 1 });
  fields.text('id', { pattern: /^[a-z0-9][a-z0-9._-]{0,99}$/ });
  fields.number('temperature', { least: 1e-3, most: 1e3 });
  fields.number('unknownBelow', { least: 0, most: 1 });
  const weightsText = fields.text('weights', { limit: 2 ** 28 });
  const centroidsText = fields.text('centroids', { limit: 2 ** 26 });
  return {
    artefact: value as ExpertArtefact,
    head: {
      labels: labels.length,
      dense,
      buckets,
      weights: decodeFloats(weightsText, labels.length * (dense + buckets + 1), 'weights'),
    },
    centroids: decodeFloats(centroidsText, labels.length * dense, 'centroids'),
  };
}

/** SHA-256 over the rows in sorted order: the same data in another order is the same data. */
export async function hashRows(rows: readonly LabelledRow[]): Promise<string> {
  const lines = rows.map(({ text, label }) => JSON.stringify([label, text])).sort();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines.join('\n')));
  return toHex(new Uint8Array(digest));
}
