import { readPack } from '../formats/knowledge-pack/index.ts';
import { isSignedBy, type Policy, signedText } from '../policy/index.ts';
import type { KnowledgePack } from '../protocol/index.ts';
import { type Clock, isAbortError, SottoError } from '../shared/index.ts';
import type { AllowedFetch } from './allowed-fetch.ts';
import { fetchBytes } from './fetch-text.ts';

/** A hundred thousand passages; more is a search engine's business. */
const MOST_BYTES = 256 * 2 ** 20;

/** Keeps the last bytes of a pack and the entity tag they came with. */
export interface PackMemory {
  read(url: URL): Promise<{ readonly tag: string; readonly bytes: Uint8Array<ArrayBuffer> } | undefined>;
  write(url: URL, tag: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

export interface KnowledgeOptions {
  readonly fetch: AllowedFetch;
  readonly clock: Clock;
  readonly policy: () => Promise<Policy>;
  /** The folder of the policy; packs of its origin may always be read. */
  readonly base: URL;
  readonly memory: PackMemory;
}

/**
 * A pack, fetched once and asked for again only by its entity tag; without a network the kept one.
 * Rejects with `blocked-by-policy` (another origin, another key), `knowledge-invalid`, or what the network's failure was.
 */
export async function fetchKnowledge(
  { fetch, clock, policy, base, memory }: KnowledgeOptions,
  address: string,
  signal: AbortSignal,
): Promise<KnowledgePack> {
  if (!URL.canParse(address, base))
    throw new SottoError('knowledge-invalid', `"${address.slice(0, 100)}" is no address of a pack.`);
  const url = new URL(address, base);
  const named = (await policy()).widget.knowledge.find((entry) => new URL(entry.url, base).href === url.href);
  if (named === undefined && url.origin !== base.origin) {
    throw new SottoError(
      'blocked-by-policy',
      `The knowledge pack at ${url.host} is not one that this site’s policy names.`,
    );
  }
  const { bytes, store } = await current({ fetch, clock, memory }, url, signal);
  const { header, rawHeader, passages, vectors } = await readPack(bytes);
  const { signature } = header;
  if (signature !== undefined && !(await isSignedBy(signature, signedText(rawHeader)))) {
    throw new SottoError('knowledge-invalid', 'The signature of the knowledge pack does not fit it.');
  }
  const key = named?.publicKey ?? null;
  if (key !== null && signature?.publicKey !== key) {
    throw new SottoError(
      'blocked-by-policy',
      'The knowledge pack is not signed with the key that this site’s policy names.',
    );
  }
  // Only what was found right is kept: a damaged copy must not outlive its cause.
  await store();
  const perDocument = header.documents.map((document, index) => {
    const numbers = passages.flatMap((passage, number) => (passage.document === index ? [number] : []));
    const values = new Float32Array(numbers.length * header.dimensions);
    numbers.forEach((number, place) => {
      if (vectors)
        values.set(
          vectors.subarray(number * header.dimensions, (number + 1) * header.dimensions),
          place * header.dimensions,
        );
    });
    return {
      id: `${url.href}#${document.id}`,
      name: document.title,
      chunks: numbers.flatMap((number, place) => {
        const passage = passages[number];
        return passage === undefined
          ? []
          : [{ index: place, text: passage.text, page: passage.page, headings: passage.headings }];
      }),
      vectors: vectors === null ? null : { values, dimensions: header.dimensions },
    };
  });
  return {
    name: header.name,
    version: header.version,
    isSigned: signature !== undefined,
    model: header.model,
    addresses: Object.fromEntries(
      header.documents.flatMap(({ id, url: page }) => (page === null ? [] : [[`${url.href}#${id}`, page]])),
    ),
    documents: perDocument,
  };
}

async function current(
  { fetch, clock, memory }: Pick<KnowledgeOptions, 'fetch' | 'clock' | 'memory'>,
  url: URL,
  signal: AbortSignal,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly store: () => Promise<void> }> {
  const kept = await memory.read(url);
  const fromKept = kept && { bytes: kept.bytes, store: async () => {} };
  try {
    const { bytes, tag, isSame } = await fetchBytes({ fetch, clock }, url, {
      limitBytes: MOST_BYTES,
      signal,
      ...(kept ? { knownTag: kept.tag } : {}),
    });
    if (isSame && fromKept) return fromKept;
    return { bytes, store: () => (tag === '' ? Promise.resolve() : memory.write(url, tag, bytes)) };
  } catch (error) {
    if (isAbortError(error) || fromKept === undefined) throw error;
    return fromKept;
  }
}

/** In a cache of its own, which "delete everything" empties with the others. */
export function cachedPacks(): PackMemory {
  const open = () => ('caches' in globalThis ? caches.open('sotto-knowledge').catch(() => undefined) : undefined);
  return {
    async read(url) {
      const response = await (await open())?.match(url).catch(() => undefined);
      if (response === undefined) return undefined;
      return { tag: response.headers.get('ETag') ?? '', bytes: new Uint8Array(await response.arrayBuffer()) };
    },
    async write(url, tag, bytes) {
      // That there is no room is no reason to have no answers.
      await (await open())?.put(url, new Response(bytes, { headers: { ETag: tag } })).catch(() => {});
    },
  };
}
