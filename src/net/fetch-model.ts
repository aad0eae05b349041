import { parseManifest, sha256OfText, slugOf } from '../library/index.ts';
import type { ModelManifest, StoredModel } from '../protocol/index.ts';
import { abortError, SottoError } from '../shared/index.ts';
import { isComplete, storedBytes, type WeightRecord } from '../storage/index.ts';
import { addressesOf, addressesOfKnown } from './addresses.ts';
import type { ModelLists } from './model-lists.ts';
import type { OpenModel, OpenModels } from './open-model.ts';
import { companionPlansOf, dropCorruptChunks, planOf, toStoredModel } from './stored-models.ts';
import { type Transfer, transferFile } from './transfer.ts';

/** Bytes of all files of the model, there and in all. */
type OnBytes = (loadedBytes: number, totalBytes: number, isFinal?: boolean) => void;

export interface FetchTools {
  readonly lists: ModelLists;
  readonly openModels: OpenModels;
  readonly catalogueUrl: URL;
  readonly mirrors: () => Promise<readonly string[]>;
}

/** A model that is asked for by its address is kept under this id. */
export async function idOfAddress(address: URL): Promise<string> {
  const name = decodeURIComponent(address.pathname.split('/').at(-1) ?? '');
  return `${slugOf(name)}-${(await sha256OfText(address.href)).slice(0, 8)}`;
}

/** True for what names a model by its address rather than by its id. */
export function isAddress(model: string): boolean {
  return model.includes('/');
}

/** What is known of a model that has no manifest yet; undefined for one that has, or that nobody knows. */
export async function openModelOf(
  { lists, catalogueUrl, mirrors }: FetchTools,
  model: string,
  signal: AbortSignal,
): Promise<OpenModel | undefined> {
  const nothing = { name: undefined, licence: undefined, size: null, sha256: null };
  if (isAddress(model)) {
    if (!URL.canParse(model, catalogueUrl.href)) {
      throw new SottoError('invalid-option', `"${model}" is no address.`, { details: { option: 'model' } });
    }
    const address = new URL(model, catalogueUrl);
    return { ...nothing, id: await idOfAddress(address), addresses: [address] };
  }
  const known = (await lists.known(signal)).find(({ id }) => id === model);
  if (known?.source === undefined) return undefined;
  const { licence, size, sha256 } = known.source;
  const addresses = addressesOfKnown(known.source, await mirrors());
  if (addresses.length === 0) {
    const message = `"${known.name}" is not on this site, and no mirror is set up. Import its file instead: ${known.source.file} of ${known.source.repository}.`;
    throw new SottoError('download-refused', message, { details: { file: known.source.file } });
  }
  return { id: model, name: known.name, licence, size, sha256, addresses };
}

/** Fetches what is missing of a model, and resolves when it is whole. Runs under the model's lock. */
export async function fetchModel(
  tools: FetchTools,
  modelId: string,
  open: OpenModel | undefined,
  transfer: Transfer,
  onBytes: OnBytes,
  isRepair: boolean,
): Promise<StoredModel> {
  const { store, signal } = transfer;
  const before = await store.record(modelId);
  // Deleted meanwhile, perhaps by another tab: to repair it would bring back what a person wanted gone.
  if (isRepair && before === undefined) throw abortError('The model was removed.');
  const kept = before?.isSealed ? ownManifest(before) : undefined;
  const done = async (record: WeightRecord) => toStoredModel(record, await store.mediumOf(record.id));
  if (kept?.origin !== undefined && before !== undefined) {
    if (isRepair) await dropCorruptChunks(store, before, signal);
    const record = (await store.record(modelId)) ?? before;
    if (isComplete(record)) return done(record);
    return done(await fetchAgain(kept, record, open, transfer, onBytes));
  }
  if (open !== undefined) {
    return done(await tools.openModels.fetch(open, transfer, progressOf(onBytes, 0, 0)));
  }
  return done(await fetchPublished(tools, modelId, transfer, onBytes, isRepair));
}

/** A model of this site, as its manifest says. */
async function fetchPublished(
  { lists, catalogueUrl, mirrors }: FetchTools,
  modelId: string,
  transfer: Transfer,
  onBytes: OnBytes,
  isRepair: boolean,
): Promise<WeightRecord> {
  const { store, signal } = transfer;
  const { manifest, text, url } = await lists.manifest(modelId, signal);
  const plan = planOf(manifest, text);
  if (isRepair) await dropCorruptChunks(store, await store.prepare(plan), signal);
  const known = await store.record(modelId);
  if (url === undefined && !(known !== undefined && isComplete(known))) {
    throw new SottoError('download-failed', `"${manifest.name}" is not stored whole, and its site cannot be reached.`);
  }
  const from = url ?? catalogueUrl;
  const places = async (path: string) => addressesOf(path, from, catalogueUrl, await mirrors());
  const parts = companionPlansOf(manifest);
  const otherBytes = parts.reduce((sum, part) => sum + part.plan.size, 0);
  // First the small files: a model is complete when its weights are, and must then be whole.
  let loaded = 0;
  for (const { path, plan: part } of parts) {
    if (isRepair) await dropCorruptChunks(store, await store.prepare(part), signal);
    await transferFile(
      transfer,
      await places(path),
      part,
      progressOf(onBytes, loaded, otherBytes - part.size + plan.size),
    );
    loaded += part.size;
  }
  const report = progressOf(onBytes, otherBytes, otherBytes);
  const record = await transferFile(transfer, await places(manifest.file.path), plan, report);
  onBytes(otherBytes + plan.size, otherBytes + plan.size, true);
  return record;
}

/** A model that is described by its own manifest lacks pieces: they come from where it came from, and must be the same. */
async function fetchAgain(
  manifest: ModelManifest,
  record: WeightRecord,
  open: OpenModel | undefined,
  transfer: Transfer,
  onBytes: OnBytes,
): Promise<WeightRecord> {
  const { id, name, origin } = manifest;
  const addresses = [...(origin?.url === undefined ? [] : [new URL(origin.url)]), ...(open?.addresses ?? [])];
  if (addresses.length === 0) {
    const chunk = record.stored.indexOf(false);
    throw new SottoError(
      'chunk-corrupt',
      `A piece of "${name}" changed on disk. It came from a file: import it again.`,
      {
        details: { modelId: id, chunk },
      },
    );
  }
  try {
    return await transferFile(transfer, addresses, planOf(manifest, record.manifestText), progressOf(onBytes, 0, 0));
  } catch (error) {
    if (!SottoError.isInstance(error) || error.code !== 'hash-mismatch') throw error;
    throw new SottoError('model-changed', `The source of "${name}" offers another file than the one stored here.`, {
      cause: error,
      details: { modelId: id },
    });
  }
}

/** Progress of one file as progress of the whole model. */
function progressOf(onBytes: OnBytes, loadedBefore: number, otherBytes: number) {
  return (record: WeightRecord, partialBytes: number) => {
    onBytes(loadedBefore + storedBytes(record) + partialBytes, record.size + otherBytes);
  };
}

function ownManifest(record: WeightRecord): ModelManifest | undefined {
  try {
    return parseManifest(record.manifestText);
  } catch {
    return undefined;
  }
}
