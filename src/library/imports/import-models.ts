import { checkExternalData, readOnnx } from '../../formats/onnx/index.ts';
import { type ManifestFile, type ModelManifest, settle } from '../../protocol/index.ts';
import { BlobByteSource, type ByteSource, SottoError, throwIfAborted } from '../../shared/index.ts';
import {
  companionKey,
  isComplete,
  type PinStore,
  UNKNOWN_HASH,
  type WeightPlan,
  type WeightRecord,
  type WeightStore,
} from '../../storage/index.ts';
import { sha256OfText } from '../gguf-facts.ts';
import { sha256OfSource } from '../hash-source.ts';
import { chunkBytesFor, manifestOf, onnxManifestOf, readFacts, slugOf } from '../make-manifest.ts';
import { parseManifest } from '../manifest.ts';
import { fingerprintOf, packFiles, readPackHeader } from '../pack/index.ts';
import { type GivenFile, type GivenModel, readGivenFiles } from './read-files.ts';

export interface ImportTools {
  readonly store: WeightStore;
  readonly pins: PinStore;
  /** Fingerprints of signers that whoever runs the site trusts. */
  readonly trusted: readonly string[];
  /** Models by the hash of their file, as the catalogue knows them. */
  readonly known: (sha256: string) => { readonly id: string; readonly name: string } | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (loadedBytes: number, totalBytes: number) => void;
}

/**
 * Stores models from files of the person. Everything that can be refused from a header is, before a byte is stored; a file that
 * is stored already is not stored twice.
 *
 * Rejects with `pack-…` for packs (`pack-untrusted` where the signer is not known here and `trust` is not its fingerprint),
 * `gguf-…` and `model-unsupported` for what is no model, `storage-full`, AbortError.
 */
export async function importModels(
  tools: ImportTools,
  files: readonly GivenFile[],
  trust: string | undefined,
): Promise<readonly WeightRecord[]> {
  const records: WeightRecord[] = [];
  for (const model of await readGivenFiles(files)) records.push(await importOne(tools, model, trust));
  return records;
}

function importOne(tools: ImportTools, model: GivenModel, trust: string | undefined): Promise<WeightRecord> {
  if (model.kind === 'pack') return importPack(tools, model.file, trust);
  return model.kind === 'gguf' ? importGguf(tools, model.name, model.parts) : importOnnx(tools, model);
}

async function importGguf(tools: ImportTools, name: string, parts: readonly GivenFile[]): Promise<WeightRecord> {
  const source = new BlobByteSource(new Blob(parts.map(({ blob }) => blob)));
  const facts = await readFacts(source, tools.signal);
  const size = source.size;
  const sha256 = await sha256OfSource(source, tools.signal, (bytes) => tools.onProgress(bytes / 2, size));
  const twin = await findStored(tools.store, sha256);
  if (twin !== undefined) return twin;
  const known = tools.known(sha256);
  const id = known?.id ?? (await freeId(tools.store, slugOf(name), sha256));
  const fileName = safeName(parts.length === 1 ? (parts[0]?.path ?? name) : `${name}.gguf`);
  const { chunkBytes, chunks } = await storeUnknown(tools, { id, name: facts.name ?? name, sha256 }, source);
  const manifest = manifestOf(facts, {
    id,
    name: known?.name,
    fallbackName: name,
    source: 'Imported from a file of this device.',
    file: { path: fileName, size, sha256, chunkBytes, chunks, ...partsOf(parts) },
    hashes: known === undefined ? 'imported' : 'published',
    origin: { file: fileName },
  });
  return seal(tools.store, manifest);
}

async function importOnnx(
  tools: ImportTools,
  { name, weights, others }: GivenModel & { readonly kind: 'onnx' },
): Promise<WeightRecord> {
  const config = await readJson(others.find(({ path }) => path === 'config.json'));
  await checkGraphs([weights, ...others]);
  const source = new BlobByteSource(weights.blob);
  const sha256 = await sha256OfSource(source, tools.signal);
  const twin = await findStored(tools.store, sha256);
  if (twin !== undefined) return twin;
  const id = await freeId(tools.store, slugOf(name), sha256);
  const companions: ManifestFile[] = [];
  for (const [index, { path, blob }] of others.entries()) {
    const other = new BlobByteSource(blob);
    const plan = { id: companionKey(id, index), name, sha256: await sha256OfSource(other, tools.signal) };
    const { chunkBytes, chunks } = await storeUnknown(tools, plan, other);
    await tools.store.seal(plan.id, name, '');
    companions.push({ path: safePath(path), size: other.size, sha256: plan.sha256, chunkBytes, chunks });
  }
  const { chunkBytes, chunks } = await storeUnknown(tools, { id, name, sha256 }, source);
  const file = { path: safePath(weights.path), size: source.size, sha256, chunkBytes, chunks };
  const said = { id, name, source: 'Imported from a folder of this device.', hashes: 'imported' } as const;
  return seal(tools.store, onnxManifestOf(config, { ...said, file, companions, origin: { file: safeName(name) } }));
}

/** Graphs that are none, or that want bytes from outside their folder, are refused before anything is stored. */
async function checkGraphs(files: readonly GivenFile[]): Promise<void> {
  const sizes = new Map(files.map(({ path, blob }) => [path.replace(/^onnx\//, ''), blob.size]));
  for (const { path, blob } of files) {
    if (path.endsWith('.onnx')) checkExternalData(readOnnx(new Uint8Array(await blob.arrayBuffer())), sizes);
  }
}

async function importPack(tools: ImportTools, file: GivenFile, trust: string | undefined): Promise<WeightRecord> {
  const source = new BlobByteSource(file.blob);
  const { manifest, licence, publicKey, dataOffset } = await readPackHeader(source);
  const signer = await fingerprintOf(publicKey);
  await checkSigner(tools, signer, trust);
  const twin = await findStored(tools.store, manifest.file.sha256);
  if (twin !== undefined) return twin;
  const id = await freeId(tools.store, manifest.id, manifest.file.sha256);
  const total = packFiles(manifest).reduce((sum, { size }) => sum + size, 0);
  const described: ModelManifest = { ...manifest, id, hashes: 'signed', origin: { file: safeName(file.path), signer } };
  const manifestText = JSON.stringify({ ...described, licenceText: licence });
  let offset = dataOffset;
  let done = 0;
  const storeFile = async (key: string, { size, chunkBytes, chunks }: ManifestFile, text: string) => {
    const plan: WeightPlan = { id: key, name: manifest.name, size, chunkBytes, chunks, manifestText: text };
    await storeChunks(tools, plan, new Slice(source, offset, size), (bytes) => tools.onProgress(done + bytes, total));
    offset += size;
    done += size;
  };
  // Weights come first in the file and last into the store: a model counts as whole when they are.
  const weightsOffset = offset;
  offset += manifest.file.size;
  try {
    for (const [index, other] of (manifest.companions ?? []).entries())
      await storeFile(companionKey(id, index), other, '');
    offset = weightsOffset;
    await storeFile(id, manifest.file, manifestText);
  } catch (error) {
    if (!SottoError.isInstance(error) || error.code !== 'hash-mismatch') throw error;
    for (const key of [id, ...(manifest.companions ?? []).map((_, index) => companionKey(id, index))]) {
      await tools.store.remove(key);
    }
    throw new SottoError('pack-tampered', `The bytes in the pack are not those that "${signer}" signed.`, {
      cause: error,
    });
  }
  const record = await tools.store.record(id);
  if (record === undefined || !isComplete(record)) throw new SottoError('storage-failed', 'The model was removed.');
  return record;
}

/** A signer is trusted because the site says so, or because the person said so once, naming the fingerprint. */
async function checkSigner({ pins, trusted }: ImportTools, signer: string, trust: string | undefined): Promise<void> {
  if (trusted.includes(signer) || (await pins.get(`signer:${signer}`)) !== undefined) return;
  if (trust === signer) return pins.put(`signer:${signer}`, { trustedAt: Date.now() });
  throw new SottoError(
    'pack-untrusted',
    `The pack is whole, and signed by a key that is not trusted here: ${signer}.`,
    {
      details: { signer },
    },
  );
}

/** Stores a file whose chunks nobody has hashed yet; what an earlier attempt left of the same file stays. */
async function storeUnknown(
  tools: ImportTools,
  { id, name, sha256 }: { readonly id: string; readonly name: string; readonly sha256: string },
  source: ByteSource,
): Promise<WeightRecord> {
  const chunkBytes = chunkBytesFor(source.size);
  const plan: WeightPlan = {
    id,
    name: name.slice(0, 200),
    size: source.size,
    chunkBytes,
    chunks: Array.from({ length: Math.ceil(source.size / chunkBytes) }, () => UNKNOWN_HASH),
    manifestText: JSON.stringify({ draft: { sha256 } }),
  };
  const before = await tools.store.record(id);
  if (before !== undefined && before.manifestText !== plan.manifestText) await tools.store.remove(id);
  return storeChunks(tools, plan, source, (bytes) => tools.onProgress((source.size + bytes) / 2, source.size));
}

async function storeChunks(
  { store, signal }: ImportTools,
  plan: WeightPlan,
  source: ByteSource,
  onBytes: (bytes: number) => void,
): Promise<WeightRecord> {
  let record = await store.prepare(plan);
  for (const [chunk, isStored] of record.stored.entries()) {
    throwIfAborted(signal);
    const start = chunk * plan.chunkBytes;
    const length = Math.min(plan.chunkBytes, plan.size - start);
    if (!isStored) {
      const written = await store.putChunk(plan.id, chunk, await source.read(start, length, signal));
      if (written === undefined) throw new DOMException('The model was removed while it was imported.', 'AbortError');
      record = written;
    }
    onBytes(start + length);
  }
  return record;
}

async function seal(store: WeightStore, manifest: ModelManifest): Promise<WeightRecord> {
  const record = await store.seal(manifest.id, manifest.name, JSON.stringify(manifest));
  if (record === undefined) throw new DOMException('The model was removed while it was imported.', 'AbortError');
  return record;
}

async function findStored(store: WeightStore, sha256: string): Promise<WeightRecord | undefined> {
  for (const record of await store.list()) {
    if (!isComplete(record) || record.manifestText === '') continue;
    const manifest = await settle(() => parseManifest(record.manifestText));
    if (manifest.ok && manifest.value.file.sha256 === sha256) return record;
  }
  return undefined;
}

/** The wanted id, or one like it where that is taken by another model. */
async function freeId(store: WeightStore, wanted: string, sha256: string): Promise<string> {
  const base = wanted.slice(0, 80);
  const record = await store.record(base);
  const isOwn = record !== undefined && !record.isSealed && record.manifestText.includes(sha256);
  return record === undefined || isOwn ? base : `${base}-${(await sha256OfText(sha256)).slice(0, 8)}`;
}

function partsOf(parts: readonly GivenFile[]): Pick<ManifestFile, 'parts'> {
  if (parts.length === 1) return {};
  return { parts: parts.map(({ path, blob }) => ({ path: safeName(path), size: blob.size })) };
}

/** The last part of a path, in the letters that a manifest takes. */
function safeName(path: string): string {
  const name = (path.split('/').at(-1) ?? '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^\.+/, '');
  return name === '' ? 'model' : name;
}

function safePath(path: string): string {
  return path.split('/').map(safeName).join('/');
}

async function readJson(file: GivenFile | undefined): Promise<Readonly<Record<string, unknown>>> {
  try {
    return JSON.parse((await file?.blob.text()) ?? '{}') as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new SottoError('model-unsupported', 'The config.json of this model is no JSON.', { cause });
  }
}

/** A part of a source, as if it were one of its own. */
class Slice implements ByteSource {
  readonly #source: ByteSource;
  readonly #start: number;
  readonly size: number;

  constructor(source: ByteSource, start: number, size: number) {
    this.#source = source;
    this.#start = start;
    this.size = size;
  }

  read(offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#source.read(this.#start + offset, length, signal);
  }
}
