import { Fields, SottoError } from '../../shared/index.ts';
import type { WeightStore } from './weight-store.ts';

/** Between a model's id and the number of one of its further files; such records are parts of a model, not models. */
const SEPARATOR = '--';

/** The key under which the store keeps a further file of a model (its tokenizer, its configuration). */
export function companionKey(modelId: string, index: number): string {
  return `${modelId}${SEPARATOR}${index}`;
}

/** True for keys of further files. */
export function isCompanionKey(key: string): boolean {
  return key.includes(SEPARATOR);
}

/** The model that a key belongs to, whether it names the model or a further file of it. */
export function modelOfKey(key: string): string {
  return key.split(SEPARATOR)[0] ?? key;
}

/** Path and key of every file of a stored model, by its manifest. Rejects with `model-unknown` where it is not stored. */
export async function storedFiles(
  store: WeightStore,
  modelId: string,
): Promise<readonly { readonly path: string; readonly key: string }[]> {
  const record = await store.record(modelId);
  if (record === undefined) throw new SottoError('model-unknown', `The model "${modelId}" is not stored here.`);
  const fail = (message: string): never => {
    throw new SottoError('storage-failed', message);
  };
  const manifest = new Fields(parse(record.manifestText), 'manifest', fail);
  const companions = manifest.raw('companions') ?? [];
  if (!Array.isArray(companions)) return fail('manifest.companions is wrong.');
  return [
    { path: manifest.object('file').text('path'), key: modelId },
    ...companions.map((file: unknown, index) => ({
      path: new Fields(file, `manifest.companions[${index}]`, fail).text('path'),
      key: companionKey(modelId, index),
    })),
  ];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SottoError('storage-failed', 'A stored manifest is no JSON.', { cause });
  }
}
