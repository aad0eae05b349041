import {
  chunkBytesFor,
  compareEditions,
  editionOf,
  type ModelPin,
  manifestOf,
  parseManifest,
  pinOf,
  readFacts,
  readPin,
  sha256OfSource,
} from '../library/index.ts';
import type { ModelChange } from '../protocol/index.ts';
import { SottoError } from '../shared/index.ts';
import {
  openStoredChunks,
  type PinStore,
  UNKNOWN_HASH,
  type WeightPlan,
  type WeightRecord,
  type WeightStore,
} from '../storage/index.ts';
import { notTheFile } from './answer.ts';
import { type Probed, probe } from './probe.ts';
import { RemoteSource } from './remote-source.ts';
import { ServerFile } from './server-file.ts';
import { planOf } from './stored-models.ts';
import { fromFirst, type Transfer, transferFile } from './transfer.ts';

/** A model that came without a manifest: an address, and perhaps what a catalogue knows of it. */
export interface OpenModel {
  readonly id: string;
  readonly name: string | undefined;
  readonly licence: string | undefined;
  readonly addresses: readonly URL[];
  readonly size: number | null;
  readonly sha256: string | null;
}

/** What is kept of a first download while its hashes are still being pinned. */
interface Draft {
  readonly url: string;
  readonly validator: string | null;
}

type OnProgress = (record: WeightRecord, partialBytes: number) => void;

const pinName = (modelId: string) => `model:${modelId}`;

/** Models whose hashes nobody published: held to what came the first time. */
export class OpenModels {
  readonly #pins: PinStore;
  /** Editions that were looked at, by model: to accept one is to accept what was seen. */
  readonly #seen = new Map<string, ModelPin>();

  constructor(pins: PinStore) {
    this.#pins = pins;
  }

  /** Fetches, pins and seals. Rejects with `model-changed` where something else was accepted before. */
  async fetch(model: OpenModel, transfer: Transfer, onProgress: OnProgress): Promise<WeightRecord> {
    const pin = await this.#pin(model.id);
    if (pin?.manifestText === undefined) return this.#first(model, pin, transfer, onProgress);
    const manifest = parseManifest(pin.manifestText);
    try {
      return await transferFile(transfer, model.addresses, planOf(manifest, pin.manifestText), onProgress);
    } catch (error) {
      if (!SottoError.isInstance(error) || !/^(hash-mismatch|download-not-the-file)$/.test(error.code)) throw error;
      throw changed(model.id, error);
    }
  }

  /** What the source offers now, where it is not what was accepted. */
  async changes(model: OpenModel, transfer: Transfer): Promise<ModelChange | null> {
    const pin = await this.#pin(model.id);
    if (pin === undefined) return null;
    return fromFirst(transfer, model.addresses, async (address) => {
      const probed = await probe(transfer.tools, address, transfer.signal);
      const file = new ServerFile(transfer.tools, address, probed.size, probed.validator);
      const after = pinOf(await readFacts(new RemoteSource(file, transfer.signal), transfer.signal), probed.size);
      const isSameHeader = editionOf(pin) === editionOf(after);
      const isSameBytes = pin.validator === probed.validator;
      if (isSameHeader && isSameBytes) return null;
      this.#seen.set(model.id, after);
      return compareEditions(model.id, pin, after);
    });
  }

  /** Takes an edition that `changes` showed. Rejects with `invalid-option` for any other. */
  async accept(modelId: string, edition: string, store: WeightStore): Promise<void> {
    const seen = this.#seen.get(modelId);
    if (seen === undefined || editionOf(seen) !== edition) {
      throw new SottoError('invalid-option', `"${edition}" is not the edition of "${modelId}" that was shown last.`, {
        details: { option: 'edition' },
      });
    }
    await this.#pins.put(pinName(modelId), seen);
    await store.remove(modelId);
    this.#seen.delete(modelId);
  }

  async #pin(modelId: string): Promise<ModelPin | undefined> {
    const value = await this.#pins.get(pinName(modelId));
    return value === undefined ? undefined : readPin(value);
  }

  async #first(
    model: OpenModel,
    pin: ModelPin | undefined,
    transfer: Transfer,
    onProgress: OnProgress,
  ): Promise<WeightRecord> {
    return fromFirst(transfer, model.addresses, async (address) => {
      const attempt = async () => {
        const probed = await probeAgain(transfer, address);
        if (model.size !== null && probed.size !== model.size) {
          throw notTheFile(`The server offers ${probed.size} bytes; the published file has ${model.size}.`);
        }
        if (pin !== undefined && probed.size !== pin.size) throw changed(model.id);
        const plan = await draftPlan(model, address, probed, transfer.store);
        await transferFile(transfer, [address], plan, onProgress, probed.validator);
        return this.#seal(model, pin, transfer, address.href, probed.validator);
      };
      try {
        return await attempt();
      } catch (error) {
        // It changed under our hands, with nothing accepted yet: what came of the other edition goes, and it begins anew, once.
        const isNew = pin === undefined && SottoError.isInstance(error) && error.code === 'model-changed';
        if (!isNew) throw error;
        await transfer.store.remove(model.id);
        return attempt();
      }
    });
  }

  /** All has come: is it what was published or accepted, and is it a model? Only then it counts as stored. */
  async #seal(
    model: OpenModel,
    pin: ModelPin | undefined,
    { store, signal }: Transfer,
    url: string,
    validator?: string,
  ): Promise<WeightRecord> {
    try {
      const source = await openStoredChunks(store, model.id);
      const sha256 = await sha256OfSource(source, signal);
      if (model.sha256 !== null && sha256 !== model.sha256) {
        throw new SottoError('hash-mismatch', `The bytes of "${model.id}" are not the published ones.`);
      }
      const facts = await readFacts(source, signal);
      const record = await store.record(model.id);
      if (record === undefined) throw new SottoError('model-unknown', `The model "${model.id}" was removed.`);
      const { size, chunkBytes, chunks } = record;
      const found = pinOf(facts, size);
      if (pin !== undefined && editionOf(pin) !== editionOf(found)) throw changed(model.id);
      const path = fileNameOf(url);
      const manifest = manifestOf(facts, {
        id: model.id,
        name: model.name,
        fallbackName: path,
        licence: model.licence,
        source: url,
        file: { path, size, sha256, chunkBytes, chunks },
        hashes: model.sha256 === null ? 'pinned' : 'published',
        origin: { url },
      });
      const manifestText = JSON.stringify(manifest);
      if (model.sha256 === null) {
        const edition = validator === undefined ? {} : { validator };
        await this.#pins.put(pinName(model.id), { ...found, manifestText, ...edition });
      }
      const sealed = await store.seal(model.id, manifest.name, manifestText);
      if (sealed === undefined) throw new SottoError('model-unknown', `The model "${model.id}" was removed.`);
      return sealed;
    } catch (error) {
      // Bytes that were refused must not be taken up again by a later download.
      if (SottoError.isInstance(error) && REFUSALS.has(error.code)) await store.remove(model.id);
      throw error;
    }
  }
}

const REFUSALS: ReadonlySet<string> = new Set([
  'hash-mismatch',
  'model-changed',
  'gguf-invalid',
  'gguf-truncated',
  'gguf-limit',
]);

/** The last part of an address as the name of a file; a manifest takes letters, digits, dot, dash and underscore. */
function fileNameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  const name = last
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.]+/, '');
  return name === '' ? 'model.gguf' : name;
}

/** What a first download begins or goes on with: chunks of the same edition stay. */
async function draftPlan(
  model: OpenModel,
  url: URL,
  { size, validator }: Probed,
  store: WeightStore,
): Promise<WeightPlan> {
  const draft: Draft = { url: url.href, validator: validator ?? null };
  const chunkBytes = chunkBytesFor(size);
  const plan: WeightPlan = {
    id: model.id,
    name: model.name ?? fileNameOf(url.href),
    size,
    chunkBytes,
    chunks: Array.from({ length: Math.ceil(size / chunkBytes) }, () => UNKNOWN_HASH),
    manifestText: JSON.stringify({ draft }),
  };
  const before = await store.record(model.id);
  // Without a validator nobody can say whether the rest belongs to what is here; a published hash would tell at the end.
  const isSame = before?.manifestText === plan.manifestText && (draft.validator !== null || model.sha256 !== null);
  if (before !== undefined && !isSame) await store.remove(model.id);
  return plan;
}

async function probeAgain({ tools, retry, signal }: Transfer, address: URL): Promise<Probed> {
  const attempts = retry();
  for (;;) {
    try {
      return await probe(tools, address, signal);
    } catch (error) {
      await attempts.pause(error, signal);
    }
  }
}

function changed(modelId: string, cause?: unknown): SottoError {
  return new SottoError('model-changed', `The source of "${modelId}" offers another file than the one accepted here.`, {
    cause,
    details: { modelId },
  });
}
