import { MANIFEST_BYTES_LIMIT, parseCatalogue, parseManifest } from '../library/index.ts';
import type { CatalogueEntry, ModelManifest } from '../protocol/index.ts';
import { type Clock, isAbortError, SottoError } from '../shared/index.ts';
import { isCompanionKey, type WeightStore } from '../storage/index.ts';
import type { AllowedFetch } from './allowed-fetch.ts';
import { fetchText } from './fetch-text.ts';

/** Loading a model asks several times within moments; a site that was updated is noticed soon after. */
const MEMORY_MS = 30_000;

/** A manifest, its own text for the store, and the address that its paths are relative to. */
export interface LocatedManifest {
  readonly manifest: ModelManifest;
  readonly text: string;
  /** Undefined where the manifest came from the store: the weights then have no address. */
  readonly url: URL | undefined;
}

/**
 * What can be had: from the site, or, where the site cannot be reached or answers nonsense, from what is stored. A stored model
 * stays usable behind a sign-in page, on a plane, and after the site took it down.
 */
export class ModelLists {
  readonly #tools: { readonly fetch: AllowedFetch; readonly clock: Clock };
  readonly #catalogueUrl: URL;
  readonly #openStore: () => Promise<WeightStore>;
  readonly #remembered = new Map<string, { readonly until: number; readonly text: string }>();

  constructor(
    tools: { readonly fetch: AllowedFetch; readonly clock: Clock },
    catalogueUrl: URL,
    openStore: () => Promise<WeightStore>,
  ) {
    this.#tools = tools;
    this.#catalogueUrl = catalogueUrl;
    this.#openStore = openStore;
  }

  /** The models of the site; without the site, those that are stored. Rejects with what the site's failure was. */
  async catalogue(signal: AbortSignal): Promise<readonly CatalogueEntry[]> {
    try {
      return (await this.#entries(signal)).filter(({ source }) => source === undefined);
    } catch (error) {
      if (isAbortError(error)) throw error;
      const records = await (await this.#openStore()).list();
      if (records.length === 0) throw error;
      return records
        .filter(({ id, isSealed }) => isSealed && !isCompanionKey(id))
        .map(({ id, name, manifestText }) => ({ id, name, ...kindOf(manifestText), manifest: '' }));
    }
  }

  /** The manifest of a model. Rejects with `model-unknown`, or with what the site's failure was where nothing is stored. */
  async manifest(modelId: string, signal: AbortSignal): Promise<LocatedManifest> {
    try {
      return await this.#published(modelId, signal);
    } catch (error) {
      if (isAbortError(error)) throw error;
      const record = await (await this.#openStore()).record(modelId);
      if (record === undefined || !record.isSealed) throw error;
      return { manifest: parseManifest(record.manifestText), text: record.manifestText, url: undefined };
    }
  }

  /** Models that the site only knows of. None where the site cannot be reached: to get one it would have to be. */
  async known(signal: AbortSignal): Promise<readonly CatalogueEntry[]> {
    try {
      return (await this.#entries(signal)).filter(({ source }) => source !== undefined);
    } catch (error) {
      if (isAbortError(error)) throw error;
      return [];
    }
  }

  async #entries(signal: AbortSignal): Promise<readonly CatalogueEntry[]> {
    return parseCatalogue(await this.#text(this.#catalogueUrl, signal));
  }

  /** Forgets what was fetched: the site and its lists disagree. */
  forget(): void {
    this.#remembered.clear();
  }

  async #published(modelId: string, signal: AbortSignal): Promise<LocatedManifest> {
    const entry = (await this.#entries(signal)).find(({ id }) => id === modelId);
    if (entry === undefined || entry.source !== undefined)
      throw new SottoError('model-unknown', `This site offers no model "${modelId}".`);
    const url = new URL(entry.manifest, this.#catalogueUrl);
    const text = await this.#text(url, signal);
    const manifest = parseManifest(text);
    if (manifest.id !== modelId) {
      throw new SottoError('download-not-the-file', `The manifest of "${modelId}" is that of "${manifest.id}".`);
    }
    return { manifest, text, url };
  }

  async #text(url: URL, signal: AbortSignal): Promise<string> {
    const now = this.#tools.clock.now();
    const remembered = this.#remembered.get(url.href);
    if (remembered !== undefined && now < remembered.until) return remembered.text;
    const text = await fetchText(this.#tools, url, MANIFEST_BYTES_LIMIT, signal);
    this.#remembered.set(url.href, { until: now + MEMORY_MS, text });
    return text;
  }
}

/** Out of reach of the catalogue a stored model is told by its file. */
function kindOf(manifestText: string): Pick<CatalogueEntry, 'kind'> {
  return parseManifest(manifestText).file.path.endsWith('.onnx') ? { kind: 'onnx' } : {};
}
