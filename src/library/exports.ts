import type { ModelManifest } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import { companionKey, isComplete, type PinStore, type WeightStore } from '../storage/index.ts';
import { parseManifest } from './manifest.ts';
import { packFiles, writePackHeader } from './pack/index.ts';

/** A file to be saved. */
export interface ExportedFile {
  readonly name: string;
  readonly blob: Blob;
}

/**
 * A stored model as files again: `files` as they came (parts of a split model apart), `pack` as one file that a machine without
 * a network can take in, signed with this browser's own key. Every byte is verified on its way.
 */
export async function exportModel(
  store: WeightStore,
  pins: PinStore,
  modelId: string,
  form: 'files' | 'pack',
  read: (key: string) => Promise<Blob>,
): Promise<readonly ExportedFile[]> {
  const record = await store.record(modelId);
  if (record === undefined) throw new SottoError('model-unknown', `The model "${modelId}" is not stored here.`);
  if (!isComplete(record)) throw new SottoError('chunk-corrupt', `"${record.name}" is not here whole.`);
  const manifest = parseManifest(record.manifestText);
  const keys = [modelId, ...(manifest.companions ?? []).map((_, index) => companionKey(modelId, index))];
  const blobs: Blob[] = [];
  for (const key of keys) blobs.push(await read(key));
  if (form === 'files') return filesOf(manifest, blobs);
  const licence = licenceOf(record.manifestText);
  // What this browser vouches for is that these are the bytes it had; where they came from stays its own affair.
  const { origin: _, hashes: __, ...published } = manifest;
  const header = await writePackHeader({ manifest: published, licence }, await deviceKeys(pins));
  return [{ name: `${modelId}.sotto`, blob: new Blob([header, ...blobs]) }];
}

function filesOf(manifest: ModelManifest, blobs: readonly Blob[]): readonly ExportedFile[] {
  return packFiles(manifest).flatMap(({ path, parts }, index) => {
    const blob = blobs[index] ?? new Blob();
    if (parts === undefined) return [{ name: path, blob }];
    let start = 0;
    return parts.map((part) => {
      const from = start;
      start += part.size;
      return { name: part.path, blob: blob.slice(from, start) };
    });
  });
}

function licenceOf(manifestText: string): string {
  const { licenceText } = JSON.parse(manifestText) as { readonly licenceText?: unknown };
  return typeof licenceText === 'string' ? licenceText : '';
}

/** The key of this browser: made when it is first needed, never to be read out. */
async function deviceKeys(pins: PinStore): Promise<CryptoKeyPair> {
  const kept = (await pins.get('key:device')) as CryptoKeyPair | undefined;
  if (kept?.privateKey instanceof CryptoKey) return kept;
  const made = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
  await pins.put('key:device', { privateKey: made.privateKey, publicKey: made.publicKey });
  return made;
}
